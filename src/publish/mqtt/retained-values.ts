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

  /** Sets a topic's value. An earlier one that still waits is forgotten. */
  set(topic: string, payload: string, isDescribed = false): void {
    const state = this.#topics.get(topic);
    if (state === undefined) {
      this.#topics.set(topic, { payload, isDescribed, isSent: false, isInFlight: false });
    } else {
      state.payload = payload;
      state.isSent = false;
    }
  }

  /**
   * A value that is to be sent; undefined where there is none. A topic has one value in flight at a time, so
   * that the broker gets them in order.
   */
  next(): RetainedValue | undefined {
    let shortest: [string, TopicState] | undefined;
    for (const entry of this.#topics) {
      const [, { isSent, isInFlight, payload }] = entry;
      if (!isSent && !isInFlight && payload.length < (shortest?.[1].payload.length ?? Infinity)) {
        shortest = entry;
      }
    }
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
      },
      answered: () => {
        state.isInFlight = false;
      },
      sendAgain: () => {
        state.isSent = false;
      },
    };
  }

  /** There is a new connection: every value is to be sent. */
  requeue(): void {
    for (const state of this.#topics.values()) {
      state.isSent = false;
      state.isInFlight = false;
    }
  }
}
