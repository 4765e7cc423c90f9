import type { Qos } from '../prediction/record.js';

interface TopicState {
  payload: string;
  isDescribed: boolean;
  isSent: boolean;
  isInFlight: boolean;
}

/** A value that is to be sent before records: of JSON retained, of Sparkplug a birth, a death, or data. */
export interface RetainedValue {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: Qos;
  readonly isRetained: boolean;
  /** Subscribers are told what it is, by the properties that MQTT 5 has for it. */
  readonly isDescribed: boolean;
  /** To be called when it is sent, and in flight from then on; or left out, and not sent again. */
  readonly taken: (isSent: boolean) => void;
  /** To be called when the broker has answered, or the value was left out. */
  readonly answered: () => void;
  /** To be called when the value that the topic has by then is to be sent again. */
  readonly sendAgain: () => void;
}

/**
 * The latest value of each retained topic. Each is sent anew on each connection, the shortest first: if the
 * broker hangs up on one that is too long for it, the others were there before.
 */
export class RetainedValues {
  readonly #topics = new Map<string, TopicState>();
  /** The values that are to be sent and of which none is in flight. */
  readonly #due = new Map<string, TopicState>();
  /** Those of them that were due when it was made, the longest first: thousands of streams have thousands of values. */
  #order: [string, TopicState][] = [];

  /** Sets a topic's value. An earlier one that still waits is forgotten. */
  set(topic: string, payload: string, isDescribed = false): void {
    const known = this.#topics.get(topic);
    const state = known ?? { payload, isDescribed, isSent: false, isInFlight: false };
    state.payload = payload;
    state.isSent = false;
    this.#topics.set(topic, state);
    this.#look(topic, state);
  }

  /**
   * A value that is to be sent; undefined where there is none. A topic has one value in flight at a time, so
   * that the broker gets them in order.
   */
  next(): RetainedValue | undefined {
    const shortest = this.#shortest();
    if (shortest === undefined) {
      return undefined;
    }
    const [topic, state] = shortest;
    return {
      topic,
      payload: state.payload,
      qos: 1,
      isRetained: true,
      isDescribed: state.isDescribed,
      taken: () => {
        state.isSent = true;
        state.isInFlight = true;
        this.#look(topic, state);
      },
      answered: () => {
        state.isInFlight = false;
        this.#look(topic, state);
      },
      sendAgain: () => {
        state.isSent = false;
        this.#look(topic, state);
      },
    };
  }

  /** There is a new connection: every value is to be sent. */
  requeue(): void {
    this.#order = [];
    for (const [topic, state] of this.#topics) {
      state.isSent = false;
      state.isInFlight = false;
      this.#look(topic, state);
    }
  }

  #look(topic: string, state: TopicState): void {
    if (state.isSent || state.isInFlight) {
      this.#due.delete(topic);
    } else {
      this.#due.set(topic, state);
    }
  }

  /** The shortest of those that are due; one that has become due of late waits for those before. */
  #shortest(): [string, TopicState] | undefined {
    if (this.#due.size === 0) {
      return undefined;
    }
    for (;;) {
      const last = this.#order.at(-1);
      if (last === undefined) {
        this.#order = [...this.#due].toSorted(
          ([, a], [, b]) => b.payload.length - a.payload.length,
        );
      } else if (this.#due.has(last[0])) {
        return last;
      } else {
        this.#order.pop();
      }
    }
  }
}
