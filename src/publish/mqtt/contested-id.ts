import type { SessionEnd } from './session-end.js';

/** So many connections that the broker ended make one look for another client. */
const endsToSuspect = 3;
/** Ends further apart have causes of their own, such as a broker that is restarted now and then. */
const withinMs = 15 * 60_000;

/**
 * Tells whether another client uses the same id, as the card does that was cloned: each of the two takes the other's place
 * at the broker again and again. MQTT 5 has a reason for that, which not every broker gives; without it there is the pattern
 * alone: the broker ends one connection after the other, and is there all the time.
 */
export class ContestedId {
  readonly #clientId: string;
  readonly #monotonicMs: () => number;
  #endsMs: readonly number[] = [];
  #takenOverMs = -Infinity;

  /** @param monotonicMs time that never jumps, milliseconds */
  constructor(clientId: string, monotonicMs: () => number = () => performance.now()) {
    this.#clientId = clientId;
    this.#monotonicMs = monotonicMs;
  }

  /**
   * A connection is over.
   *
   * @returns what to look at; undefined where nothing points to another client
   */
  ended({ isByBroker, isByRefusal, isTakenOver }: SessionEnd): string | undefined {
    const nowMs = this.#monotonicMs();
    if (isTakenOver) {
      this.#takenOverMs = nowMs;
    }
    if (!isByBroker || isByRefusal) {
      return undefined;
    }
    this.#endsMs = [...this.#endsMs, nowMs].slice(-endsToSuspect);
    const isKnown = nowMs - this.#takenOverMs <= withinMs;
    const [firstMs = nowMs] = this.#endsMs;
    const isSuspected = this.#endsMs.length === endsToSuspect && nowMs - firstMs <= withinMs;
    if (!isKnown && !isSuspected) {
      return undefined;
    }
    const said = `another client uses the id "${this.#clientId}"`;
    const way = 'give each device its own name, or set mqtt.clientId';
    return isKnown
      ? `${said} and takes this one's place: ${way}`
      : `the broker ends one connection after the other, perhaps because ${said}: ${way}`;
  }

  /** The broker cannot be reached: that is why it ended the connections before. */
  unreachable(): void {
    this.#endsMs = [];
  }
}
