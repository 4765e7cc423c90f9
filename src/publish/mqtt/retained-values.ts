interface TopicState {
  payload: string;
  isSent: boolean;
  isInFlight: boolean;
}

/** A value on its way to the broker. */
export interface RetainedValue {
  readonly topic: string;
  readonly payload: string;
  /** To be called when the broker has answered. */
  readonly answered: () => void;
}

/** The latest value of each retained topic. Each is sent anew on each connection, in the order of topics. */
export class RetainedValues {
  readonly #topics = new Map<string, TopicState>();

  /** Sets a topic's value. An earlier one that still waits is forgotten. */
  set(topic: string, payload: string): void {
    const state = this.#topics.get(topic);
    if (state === undefined) {
      this.#topics.set(topic, { payload, isSent: false, isInFlight: false });
    } else {
      state.payload = payload;
      state.isSent = false;
    }
  }

  /**
   * A value that is to be sent, and is in flight from now on; undefined where there is none. A topic
   * has one value in flight at a time, so that the broker gets them in order.
   */
  take(): RetainedValue | undefined {
    for (const [topic, state] of this.#topics) {
      if (state.isSent || state.isInFlight) {
        continue;
      }
      state.isSent = true;
      state.isInFlight = true;
      const answered = (): void => {
        state.isInFlight = false;
      };
      return { topic, payload: state.payload, answered };
    }
    return undefined;
  }

  /** There is a new connection: every value is to be sent. */
  requeue(): void {
    for (const state of this.#topics.values()) {
      state.isSent = false;
      state.isInFlight = false;
    }
  }
}
