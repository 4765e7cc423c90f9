/** Times in a row that a connection must end under a packet of a size never answered. */
const endingsToLearn = 3;
/** After so long the learned bound is tried once more: the broker may have been configured anew. */
const trustMs = 24 * 3_600_000;

/**
 * The largest packet that a broker takes. In MQTT 5 it says so; in 3.1.1 it does not, and hangs up on
 * one that is larger. So the bound is found by its effect: once a connection ended while a packet larger than any
 * that was ever answered was on its way, such packets travel alone; when the broker hangs up on them time
 * and again, on connections on which it answered smaller ones, it does not take them.
 */
export class PacketSizeLimit {
  readonly #monotonicMs: () => number;
  #largestAnswered = 0;
  #bytes = Infinity;
  #learnedMs = 0;
  /** The largest packet under which a connection ended; 0 where all up to it were answered since. */
  #largestSuspect = 0;
  /** How often the broker hung up on a packet alone, and the smallest of these. */
  #endings = 0;
  #smallestAlone = Infinity;
  #hasAnswered = false;

  /** @param monotonicMs time that never jumps, milliseconds */
  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** The largest packet that was not found to be too large, bytes. */
  get bytes(): number {
    if (this.#bytes < Infinity && this.#monotonicMs() - this.#learnedMs > trustMs) {
      this.#largestSuspect = Infinity;
      this.#bytes = Infinity;
      // It has happened before: once more is enough.
      this.#endings = endingsToLearn - 1;
    }
    return this.#bytes;
  }

  /** Returns whether a packet is under suspicion: while it is on its way no other is sent. */
  travelsAlone(bytes: number): boolean {
    return this.#largestSuspect > 0 && bytes > this.#largestAnswered;
  }

  /** A packet of so many bytes was answered. */
  answered(bytes: number): void {
    this.#hasAnswered = true;
    this.#largestAnswered = Math.max(this.#largestAnswered, bytes);
    if (bytes >= this.#smallestAlone) {
      this.#endings = 0;
      this.#smallestAlone = Infinity;
    }
    if (bytes >= this.#largestSuspect) {
      this.#largestSuspect = 0;
    }
  }

  /**
   * A connection is over.
   *
   * @param isByBroker whether the broker hung up: nothing is learned from a connection that we gave up
   * @param unanswered bytes of each packet that was on its way
   */
  connectionEnded(isByBroker: boolean, unanswered: readonly number[]): void {
    const suspect = Math.max(0, ...unanswered);
    const isAlone = this.travelsAlone(suspect) && unanswered.length === 1;
    const hasAnswered = this.#hasAnswered;
    this.#hasAnswered = false;
    if (!isByBroker || suspect <= this.#largestAnswered) {
      return;
    }
    this.#largestSuspect = Math.max(this.#largestSuspect, suspect);
    if (!isAlone || !hasAnswered) {
      return;
    }
    this.#endings += 1;
    this.#smallestAlone = Math.min(this.#smallestAlone, suspect);
    if (this.#endings >= endingsToLearn) {
      this.#bytes = this.#smallestAlone - 1;
      this.#learnedMs = this.#monotonicMs();
      this.#endings = 0;
      this.#smallestAlone = Infinity;
      this.#largestSuspect = 0;
    }
  }
}
