import type { StepResult } from '../engine/stepper.js';
import type { StreamRecord } from '../publish/prediction/record.js';
import type { Gap, SampleBlock } from '../sensor/sample-block.js';

/**
 * Sees what a stream does while it does it. It is called on the way of each sample, so it makes no object a sample
 * and does a bounded work a block. The arrays that it is given are valid during the call. It does not throw.
 */
export interface StreamObserver {
  /**
   * A block was stepped.
   *
   * @param stepMs how long the engine took for it, milliseconds
   */
  stepped(block: SampleBlock, result: StepResult, stepMs: number): void;
  /** Samples did not arrive before the block that follows. */
  gap(gap: Gap): void;
  /** A record was made. */
  record(record: StreamRecord): void;
}
