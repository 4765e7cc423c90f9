import { messageOf } from '../../base/errors.js';
import { StepFlag, warmOutput } from '../../engine/program/engine.js';
import type { Gap, SampleBlock, SampleSink } from '../../sensor/sample-block.js';
import type { StreamSteps } from '../stream-steps.js';

/** Another model of a stream that steps the samples beside the one that runs, and is counted, not published. */
export class ModelTrial implements SampleSink {
  readonly steps: StreamSteps;
  readonly #wanted: number;
  readonly #changed: () => void;
  #samples = 0;
  #refused = 0;
  #outputs = 0;
  #fault: string | undefined;

  /**
   * @param wanted warm outputs that make it good
   * @param changed is called when it has become good or bad
   */
  constructor(steps: StreamSteps, wanted: number, changed: () => void) {
    this.steps = steps;
    this.#wanted = wanted;
    this.#changed = changed;
  }

  /** Warm outputs so far, all of them finite. */
  get outputs(): number {
    return this.#outputs;
  }

  /** Samples so far. */
  get samples(): number {
    return this.#samples;
  }

  get isGood(): boolean {
    return this.#fault === undefined && this.#outputs >= this.#wanted;
  }

  /** Why the model cannot run; undefined while nothing speaks against it. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Says how far it has come, for people. */
  get progress(): string {
    const refused = this.#refused === 0 ? '' : `, ${this.#refused} of them refused by the model`;
    return `${this.#outputs} of ${this.#wanted} warm outputs came from ${this.#samples} samples${refused}`;
  }

  block(block: SampleBlock): void {
    if (this.#fault !== undefined) {
      return;
    }
    const wasGood = this.isGood;
    try {
      const { flags } = this.steps.rehearse(block);
      this.#count(flags, block.count);
    } catch (error) {
      this.#fault = messageOf(error);
    }
    if (this.#fault !== undefined || (this.isGood && !wasGood)) {
      this.#changed();
    }
  }

  gap(gap: Pick<Gap, 'lengthMs' | 'filled'>): void {
    this.steps.rehearseGap(gap);
  }

  #count(flags: Uint8Array, count: number): void {
    for (let n = 0; n < count; n += 1) {
      const flag = flags[n] ?? 0;
      this.#samples += 1;
      if ((flag & StepFlag.reset) !== 0) {
        this.#fault = `its state exploded, or its output was not finite, at sample ${this.#samples}`;
      } else if ((flag & StepFlag.refused) !== 0) {
        this.#refused += 1;
      } else if ((flag & warmOutput) === warmOutput) {
        this.#outputs += 1;
      }
    }
  }
}
