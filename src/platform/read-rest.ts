/** Turns of the event loop that are looked at together. */
const turnsTogether = 32;
/** The time from turn to turn below which a rest is worth it. */
const closeMs = 0.25;
/** How long a rest is. */
const restMs = 0.4;
/** A tty that gives more often is not kept waiting. */
const seldomMs = 1;

/**
 * Says when to rest for a moment before ttys are read again: where many of them give a row now and then, and one does so soon
 * after the other, the rows that come during a rest are read in one turn of the event loop and sent in one write, which cost
 * as much as those of a single row. A row waits 0.4 ms longer for it. Where few ttys give much there is no rest, for a sensor
 * would wait behind itself.
 */
export class ReadRest {
  #turns = 0;
  #readings = 0;
  #beganMs = -Infinity;
  #restedMs = 0;
  #isDue = false;

  /**
   * Takes that ttys were read.
   *
   * @param nowMs milliseconds of a clock that only goes forward
   * @param readings how many had bytes
   * @param ttys how many are read at all
   * @returns how long to rest before the next time, milliseconds; 0 for not at all
   */
  after(nowMs: number, readings: number, ttys: number): number {
    this.#turns += 1;
    this.#readings += readings;
    if (this.#turns === turnsTogether) {
      const lengthMs = nowMs - this.#beganMs;
      const areClose = lengthMs - this.#restedMs < closeMs * turnsTogether;
      const areSeldom = this.#readings * seldomMs < ttys * lengthMs;
      this.#isDue = areClose && areSeldom;
      this.#turns = 0;
      this.#readings = 0;
      this.#beganMs = nowMs;
      this.#restedMs = 0;
    }
    if (!this.#isDue) {
      return 0;
    }
    this.#restedMs += restMs;
    return restMs;
  }
}
