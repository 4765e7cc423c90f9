import type { RecordSource } from '../outbox/contract/publisher.js';
import type { OutboxRecord } from '../outbox/contract/record.js';
import { payloadOf, topicOf } from './record-message.js';
import type { RetainedValues } from './retained-values.js';
import type { Session } from './session.js';
import type { Topics } from './topics.js';

export interface RecordSenderOptions {
  readonly session: Session;
  /** Unacknowledged publishes at a time; the broker may allow fewer. */
  readonly inFlightLimit: number;
  readonly topics: Topics;
  readonly retained: RetainedValues;
  readonly records: RecordSource;
  /** The next record to send; undefined where there is none. */
  readonly takeRecord: () => OutboxRecord | undefined;
  /** Told of each publish that the broker refused. */
  readonly refused: (topic: string, reason: string) => void;
  /** Told of each publish that is done, delivered or refused. */
  readonly settled: () => void;
}

/** The largest expiry interval that MQTT 5 can express. */
const maxExpirySeconds = 0xffff_ffff;

/** Sends records and retained values over one connection, and reports what became of each record. */
export class RecordSender {
  readonly #options: RecordSenderOptions;
  readonly #limit: number;
  #inFlight = 0;
  #isSending = false;
  #isClosed = false;

  constructor(options: RecordSenderOptions) {
    const { session, inFlightLimit } = options;
    this.#options = options;
    // MQTT 5, 4.9: at more unacknowledged publishes than that the broker ends the connection.
    this.#limit = Math.min(inFlightLimit, session.limits.receiveMaximum);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Sends as much as may be in flight: retained values first, then records as they are given. */
  send(): void {
    // A publish at QoS 0 is done before it returns, and comes back here through its callback.
    if (this.#isSending || this.#isClosed) {
      return;
    }
    this.#isSending = true;
    while (this.#inFlight < this.#limit) {
      if (!this.#sendRetained() && !this.#sendRecord()) {
        break;
      }
    }
    this.#isSending = false;
  }

  /** The connection is over: nothing more is sent, and no answer counts any more. */
  close(): void {
    this.#isClosed = true;
  }

  #sendRetained(): boolean {
    const { session, retained } = this.#options;
    const value = retained.take();
    if (value === undefined) {
      return false;
    }
    this.#inFlight += 1;
    const qos = session.limits.maximumQos === 0 ? 0 : 1;
    session.publish(value.topic, value.payload, qos, true, 0, (refusal) => {
      if (this.#isClosed) {
        return;
      }
      value.answered();
      this.#settled(value.topic, refusal);
    });
    return true;
  }

  #sendRecord(): boolean {
    const { session, topics, records, takeRecord } = this.#options;
    const record = takeRecord();
    if (record === undefined) {
      return false;
    }
    const { maximumQos, maximumPacketBytes } = session.limits;
    const topic = topicOf(record, topics);
    if (record.bytes + topic.length > maximumPacketBytes) {
      records.drop(record, 'tooLarge');
      return true;
    }
    const qos = record.qos > maximumQos ? maximumQos : record.qos;
    this.#inFlight += 1;
    session.publish(
      topic,
      payloadOf(record),
      qos,
      false,
      this.#expirySeconds(record),
      (refusal) => {
        if (this.#isClosed) {
          return;
        }
        if (refusal === undefined) {
          records.delivered(record);
        } else {
          records.drop(record, 'refused');
        }
        this.#settled(topic, refusal);
      },
    );
    return true;
  }

  /** The rest of a record's life, for the broker to end it where the outbox would have. */
  #expirySeconds(record: OutboxRecord): number {
    const leftSeconds = Math.ceil(this.#options.records.timeLeftMs(record) / 1000);
    return Math.min(maxExpirySeconds, Math.max(1, leftSeconds));
  }

  #settled(topic: string, refusal: string | undefined): void {
    this.#inFlight -= 1;
    if (refusal !== undefined) {
      this.#options.refused(topic, refusal);
    }
    this.send();
    this.#options.settled();
  }
}
