import type { LatestValue } from '../outbox/contract/publisher.js';
import type { OutboxRecord } from '../outbox/contract/record.js';
import type { PublishScheme, WrittenRecord } from './publish-scheme.js';
import { payloadOf, topicOf, type Encode } from './record-message.js';
import { RetainedValues, type RetainedValue } from './retained-values.js';
import type { Topics } from './topics.js';

/** JSON or CBOR below `<prefix>/<device>/`, with a retained status that tells whether the device is connected. */
export class JsonScheme implements PublishScheme {
  readonly will: PublishScheme['will'];
  readonly #topics: Topics;
  readonly #now: () => number;
  readonly #encode: Encode | undefined;
  readonly #retained = new RetainedValues();
  /** The streams whose records are CBOR. */
  readonly #encoded = new Set<string>();
  /** When this connection was asked for: `online` and the last will have the same time, neither is older. */
  #connectMs = 0;

  /**
   * @param now wall time, epoch milliseconds
   * @param encode writes CBOR for the streams that ask for it; undefined where none does
   */
  constructor(topics: Topics, now: () => number, encode: Encode | undefined) {
    this.#topics = topics;
    this.#now = now;
    this.#encode = encode;
    this.will = {
      topic: topics.status,
      isRetained: true,
      payload: () => {
        this.#connectMs = this.#now();
        return status('offline', this.#connectMs);
      },
    };
  }

  connected(): void {
    this.#retained.requeue();
    this.retain(this.#topics.status, status('online', this.#connectMs));
  }

  setLatest(value: LatestValue): void {
    const topics = this.#topics;
    this.#retained.set(
      value.kind === 'deviceHealth' ? topics.health : topics.stream(value.stream)[value.kind],
      value.payload,
      value.kind === 'info',
    );
    if (value.kind === 'info' && value.outline.format === 'cbor') {
      this.#encoded.add(value.stream);
    }
  }

  /** Publishes a topic's latest value, retained. */
  retain(topic: string, payload: string): void {
    this.#retained.set(topic, payload);
  }

  signOff(): void {
    this.retain(this.#topics.status, status('offline', this.#now()));
  }

  next(): RetainedValue | undefined {
    return this.#retained.next();
  }

  write(record: OutboxRecord): WrittenRecord {
    const json = payloadOf(record);
    const encode = this.#encoded.has(record.stream) ? this.#encode : undefined;
    return { topic: this.topicOf(record), payload: encode?.(json) ?? json, qos: record.qos };
  }

  recordSent(): void {
    // JSON has no number that is given at the connection.
  }

  flush(): void {
    // Nothing is counted in place of a line of the log.
  }

  topicOf(record: OutboxRecord): string {
    return topicOf(record, this.#topics);
  }
}

function status(state: 'online' | 'offline', ms: number): string {
  return `{"state":"${state}","ts":${ms}}`;
}
