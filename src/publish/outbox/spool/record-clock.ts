import { crc32 } from 'node:zlib';
import { clockIsSetMs, clockStep } from '../../../base/clock-step.js';
import type { MachineClock } from '../../../platform/machine-clock.js';

/** When a record was made, as the log keeps it. */
export interface RecordTime {
  /** Epoch milliseconds by the machine's wall clock, as it was when the record was logged. */
  readonly wallMs: number;
  /** That clock's time less the time since the machine's boot, milliseconds. */
  readonly offsetMs: number;
  /** Tells the boots of a machine apart; 0 where it is not known. */
  readonly boot: number;
  /** True when there was a reason to believe the wall clock. */
  readonly isRight: boolean;
}

/**
 * Tells when a record was made by either clock: in memory by the time since the machine's boot, on disk by
 * the wall clock too, for records keep their age over a boot.
 */
export class RecordClock {
  readonly #clock: MachineClock;
  readonly #boot: number;

  constructor(clock: MachineClock) {
    this.#clock = clock;
    this.#boot = clock.bootId === null ? 0 : Math.max(1, crc32(clock.bootId));
  }

  /** Epoch time less time since the boot, as the wall clock is now. */
  get offsetMs(): number {
    return this.#clock.epochMs() - this.#clock.bootMs();
  }

  /** The time to log for a moment of this boot. */
  timeOf(madeMs: number): RecordTime {
    const { offsetMs } = this;
    const wallMs = Math.max(0, offsetMs + madeMs);
    return { wallMs, offsetMs, boot: this.#boot, isRight: this.#clock.isRight() };
  }

  /**
   * Milliseconds since this boot, negative for a moment before it. Within one boot that is exact. Over a boot, a clock
   * that was not set or not known to be right, or was set back since, would make a record ancient or not yet made:
   * it counts as new then.
   */
  madeMs(time: RecordTime): number {
    const nowMs = this.#clock.bootMs();
    if (this.isThisBoot(time)) {
      return Math.min(nowMs, time.wallMs - time.offsetMs);
    }
    const isKnown = time.isRight && time.wallMs >= clockIsSetMs;
    return isKnown ? Math.min(nowMs, time.wallMs - this.offsetMs) : nowMs;
  }

  /** How far the wall clock was set since the record was logged; 0 where it was not, or nobody knows. */
  stepSince(time: RecordTime): number {
    return this.isThisBoot(time) ? clockStep(time.offsetMs, this.offsetMs) : 0;
  }

  /** Returns whether what the record says of its time is not known to be right, and cannot be corrected. */
  isUncertain(time: RecordTime): boolean {
    return this.isThisBoot(time)
      ? time.wallMs + this.stepSince(time) < clockIsSetMs
      : !time.isRight || time.wallMs < clockIsSetMs;
  }

  /** Returns whether a record was logged in this boot of the machine; false where nobody knows. */
  isThisBoot({ boot }: RecordTime): boolean {
    return boot !== 0 && boot === this.#boot;
  }
}
