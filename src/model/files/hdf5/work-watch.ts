import type { ThreadStatus } from '../../../platform/thread-status.js';

/** How much work without progress is too much. No bound is one of time: a machine may be slow. */
export interface WorkLimits {
  /** CPU time that the thread may use from one progress to the next. */
  readonly cpuMs: number;
  /** Looks in a row at which nothing moved and every thread slept. */
  readonly idleLooks: number;
  /** From one look to the next. */
  readonly lookMs: number;
}

/**
 * `looping`: the thread works and comes no further, which only the file can be the reason of.
 * `stalled`: nobody works, so that nothing will come; the file is not the reason.
 */
export type WorkVerdict = 'going' | 'looping' | 'stalled';

/**
 * Judges by work and not by time whether a thread still gets anywhere. A thread that is kept from the
 * CPU by others neither uses CPU time nor sleeps: it goes on for as long as that takes.
 */
export class WorkWatch {
  readonly #limits: WorkLimits;
  #progress = 0;
  #cpuMs = 0;
  #cpuAtProgressMs = 0;
  #idleLooks = 0;

  constructor(limits: WorkLimits) {
    this.#limits = limits;
  }

  /**
   * @param progress a count that the thread raises
   * @param status of the thread; null where nothing is known of it, which is never a reason to end it
   */
  look(progress: number, status: ThreadStatus | null): WorkVerdict {
    if (status === null) {
      return 'going';
    }
    const cpuMs = status.cpuMs ?? this.#cpuMs;
    const isIdle = progress === this.#progress && cpuMs === this.#cpuMs && !status.isAnyBusy;
    if (progress !== this.#progress) {
      this.#progress = progress;
      this.#cpuAtProgressMs = cpuMs;
    }
    this.#cpuMs = cpuMs;
    this.#idleLooks = isIdle ? this.#idleLooks + 1 : 0;
    if (cpuMs - this.#cpuAtProgressMs > this.#limits.cpuMs) {
      return 'looping';
    }
    return this.#idleLooks >= this.#limits.idleLooks ? 'stalled' : 'going';
  }
}
