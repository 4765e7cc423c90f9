/** A topic whose latest value alone counts. */
interface Retained {
  payload: string;
  sent: boolean;
  inFlight: boolean;
}

/** A value on its way to the broker. */
export interface RetainedValue {
  readonly topic: string;
  readonly payload: string;
  /** To be called when the broker has answered. */
  readonly landed: () => void;
}

/** The latest value of each retained topic; each is sent anew on each connection. */
export class RetainedValues {
  readonly #values = new Map<string, Retained>();

  /** An earlier value that still waits is forgotten. */
  set(topic: string, payload: string): void {
    const retained = this.#values.get(topic);
    if (retained === undefined) {
      this.#values.set(topic, { payload, sent: false, inFlight: false });
    } else {
      retained.payload = payload;
      retained.sent = false;
    }
  }

  /** One that is to be sent, and is in flight from now on; a topic has one in flight at a time. */
  take(): RetainedValue | undefined {
    for (const [topic, retained] of this.#values) {
      if (retained.sent || retained.inFlight) {
        continue;
      }
      retained.sent = true;
      retained.inFlight = true;
      const landed = (): void => {
        retained.inFlight = false;
      };
      return { topic, payload: retained.payload, landed };
    }
    return undefined;
  }

  /** A new connection: all are to be sent. */
  requeue(): void {
    for (const retained of this.#values.values()) {
      retained.sent = false;
      retained.inFlight = false;
    }
  }
}
