/** Ticks from when a publish is sent to when its answer is overdue. */
const ticksToWait = 30;

/**
 * Tells when the oldest publish without an answer has waited too long. Time is counted in ticks of a timer,
 * of which a process that is stopped or kept busy gets one when it goes on: nothing is overdue for the time
 * in which the process could not read the answer.
 */
export class AnswerWatch {
  readonly #timer: NodeJS.Timeout;
  /** The tick at which each was sent, the oldest first. */
  readonly #sentAt = new Map<number, number>();
  #ticks = 0;

  /**
   * @param timeoutMs how long an answer may take
   * @param overdue called at each tick at which the oldest has waited longer
   */
  constructor(timeoutMs: number, overdue: () => void) {
    this.#timer = setInterval(() => {
      this.#ticks += 1;
      const [oldest] = this.#sentAt.values();
      if (oldest !== undefined && this.#ticks - oldest > ticksToWait) {
        overdue();
      }
    }, timeoutMs / ticksToWait);
    this.#timer.unref();
  }

  /** A publish was sent; each has a number of its own. */
  sent(number: number): void {
    this.#sentAt.set(number, this.#ticks);
  }

  answered(number: number): void {
    this.#sentAt.delete(number);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
