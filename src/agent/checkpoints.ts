import { clockStepMs } from '../base/clock-step.js';
import type { MachineClock } from '../platform/machine-clock.js';
import type { SampleBlock } from '../sensor/sample-block.js';
import { unknownSampleMs } from '../state/saved-state.js';
import type { StateStore } from '../state/state-store.js';
import type { PreparedStream } from './prepared-stream.js';
import type { Stage } from './watchdog.js';

/** Puts the state of a stream on flash, with when its newest sample was acquired. */
export class Checkpoints {
  readonly #store: StateStore;
  #stepper: PreparedStream['stepper'];
  readonly #clock: MachineClock;
  /** Samples that were stepped since the start, and those of them before the last save. */
  #steps = 0;
  #savedSteps = 0;
  /** When the newest sample was acquired, epoch milliseconds by the wall clock of then. */
  #lastSampleMs = unknownSampleMs;
  /** When the newest block came, milliseconds since the machine's boot. */
  #lastBlockMs = 0;
  #isSaving = false;

  constructor(store: StateStore, stepper: PreparedStream['stepper'], clock: MachineClock) {
    this.#store = store;
    this.#stepper = stepper;
    this.#clock = clock;
  }

  /** The state goes on from one whose newest sample was acquired then, epoch milliseconds. */
  resumed(lastSampleMs: number): void {
    this.#lastSampleMs = lastSampleMs;
  }

  /** The state is that of another stepper from now on. */
  follow(stepper: PreparedStream['stepper']): void {
    this.#stepper = stepper;
  }

  /** A block was stepped. */
  stepped({ count, timeMs }: SampleBlock): void {
    this.#steps += count;
    this.#lastSampleMs = timeMs[count - 1] ?? this.#lastSampleMs;
    this.#lastBlockMs = this.#clock.bootMs();
  }

  /**
   * Puts the state on flash where samples were stepped since the last save. Does not throw.
   *
   * @returns samples in the saved state; null when it could not be saved
   */
  async save(): Promise<number | null> {
    // To save again what is on flash already would make an old state look young.
    return this.#steps === this.#savedSteps ? this.#stepper.sampleCount : this.saveAnyway();
  }

  /**
   * Puts the state on flash, as when somebody has asked for it. Does not throw.
   *
   * @returns as `save` does
   */
  async saveAnyway(): Promise<number | null> {
    const steps = this.#steps;
    this.#isSaving = true;
    const { state, sampleCount } = this.#stepper;
    const isSaved = await this.#store.save(state, sampleCount, this.#lastSampleNowMs);
    this.#isSaving = false;
    if (!isSaved) {
      return null;
    }
    this.#savedSteps = steps;
    return sampleCount;
  }

  /** The stage that the watchdog looks at. */
  stage(stream: string): Stage {
    return {
      name: `${stream}: checkpoint`,
      progress: () => this.#store.stats.saves + this.#store.stats.failures,
      waiting: () => !this.#isSaving,
    };
  }

  /** When the newest sample was acquired, by the wall clock of now, which may have been set since. */
  get #lastSampleNowMs(): number {
    const blockMs = this.#clock.epochMs() - (this.#clock.bootMs() - this.#lastBlockMs);
    // Samples follow the clock slowly, up to the size of a step.
    const wasSet = Math.abs(blockMs - this.#lastSampleMs) > 2 * clockStepMs;
    return wasSet ? blockMs : this.#lastSampleMs;
  }
}
