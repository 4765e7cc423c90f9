/** Turns of the event loop that are looked at together. */
const turnsTogether = 32;
/** The time from turn to turn below which a rest is worth it. */
const closeMs = 0.25;
/** How long a rest is. */
const restMs = 0.4;
/** Where one tty gives something more often than each so many milliseconds, there is no rest. */
const seldomMs = 1;
/** So many ttys give something, where there is a rest. */
const many = 8;

/**
 * Says when to rest for a moment before ttys are read again: where many of them give a row now and then, and one does so soon
 * after the other, the rows that come during a rest share the turn of the event loop, the write to the broker and the
 * reading of its answers. A row waits up to 0.4 ms longer for it, and for those that it is read with. Where one gives much
 * there is no rest, for its rows would wait behind each other. Each decision holds for 32 turns.
 */
export class ReadRest {
  /** How often each tty gave something since the last decision, by its slot. */
  #readings = new Uint32Array(many);
  #turns = 0;
  #beganMs = -Infinity;
  #restedMs = 0;
  #isDue = false;

  /** A tty gave something. */
  gave(slot: number): void {
    if (slot >= this.#readings.length) {
      const longer = new Uint32Array(2 * slot);
      longer.set(this.#readings);
      this.#readings = longer;
    }
    this.#readings[slot] = (this.#readings[slot] ?? 0) + 1;
  }

  /**
   * Takes that all that ttys gave in a turn has been worked on.
   *
   * @param nowMs when that was begun, milliseconds of a clock that only goes forward
   * @returns how long to rest before the next turn, milliseconds; 0 for not at all
   */
  after(nowMs: number): number {
    this.#turns += 1;
    if (this.#turns === turnsTogether) {
      this.#isDue = this.#isWorthIt(nowMs - this.#beganMs);
      this.#readings.fill(0);
      this.#turns = 0;
      this.#beganMs = nowMs;
      this.#restedMs = 0;
    }
    if (!this.#isDue) {
      return 0;
    }
    this.#restedMs += restMs;
    return restMs;
  }

  #isWorthIt(lengthMs: number): boolean {
    let ttys = 0;
    let most = 0;
    for (const readings of this.#readings) {
      ttys += readings > 0 ? 1 : 0;
      most = Math.max(most, readings);
    }
    const areClose = lengthMs - this.#restedMs < closeMs * turnsTogether;
    return areClose && ttys >= many && most * seldomMs < lengthMs;
  }
}
