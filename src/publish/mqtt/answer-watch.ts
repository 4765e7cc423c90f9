/** Ticks from when a packet is sent to when its answer is overdue. */
const ticksToWait = 30;

export interface AnswerWatchOptions {
  /** How long an answer may take, milliseconds. */
  readonly timeoutMs: number;
  /** The tick at which the oldest packet without an answer was sent; Infinity where there is none. */
  readonly oldestTick: () => number;
  /** Called at each tick at which the oldest has waited longer. */
  readonly overdue: () => void;
  /** Called at each tick. */
  readonly ticked: () => void;
}

/**
 * Tells when the oldest packet without an answer has waited too long. Time is counted in ticks of a timer,
 * of which a process that is stopped or kept busy gets one when it goes on: nothing is overdue for the time
 * in which the process could not read the answer.
 */
export class AnswerWatch {
  readonly #timer: NodeJS.Timeout;
  #tick = 0;

  constructor({ timeoutMs, oldestTick, overdue, ticked }: AnswerWatchOptions) {
    this.#timer = setInterval(() => {
      this.#tick += 1;
      ticked();
      if (this.#tick - oldestTick() > ticksToWait) {
        overdue();
      }
    }, timeoutMs / ticksToWait);
    this.#timer.unref();
  }

  /** The tick of now. */
  get tick(): number {
    return this.#tick;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
