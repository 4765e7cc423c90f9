import { RepeatedLine } from '../../base/repeated-line.js';
import type {
  LatestValue,
  Publisher,
  PublisherStats,
  RecordSource,
} from '../outbox/contract/publisher.js';
import type { OutboxRecord } from '../outbox/contract/record.js';
import { BrokerLink, type BrokerOptions } from './broker-link.js';
import type { ProtocolVersion } from './client-options.js';
import { RecordSender } from './record-sender.js';
import { RetainedValues } from './retained-values.js';
import type { Session } from './session.js';
import type { Topics } from './topics.js';

export interface MqttPublisherOptions extends BrokerOptions {
  readonly topics: Topics;
  readonly records: RecordSource;
  /** Unacknowledged publishes at a time; default 64. The broker may allow fewer. */
  readonly inFlightLimit?: number;
  /** Wall time, epoch milliseconds. */
  readonly now?: () => number;
}

export interface MqttStats extends PublisherStats {
  readonly failedAttempts: number;
  readonly protocol: ProtocolVersion;
}

/** How far a stop has come: while flushing only new records are taken, while signing off none. */
type StopStage = 'notStopping' | 'flushing' | 'signingOff';

const defaultInFlightLimit = 64;
/** The share of its time in which `stop` still sends records. */
const flushShare = 0.75;

/**
 * Publishes records to an MQTT broker, in the order of the outbox and, at QoS 1 and 2, at least once:
 * a subscriber tells duplicates by (boot, seq). A retained status tells whether the device is connected.
 */
export class MqttPublisher implements Publisher {
  readonly #options: MqttPublisherOptions;
  readonly #retained = new RetainedValues();
  readonly #link: BrokerLink;
  /** It belongs to the connection: undefined while there is none. */
  #sender: RecordSender | undefined;
  #stage: StopStage = 'notStopping';
  #stopped: Promise<void> | undefined;
  /** Called when a publish is done, and on each connection. */
  #progressed: () => void = () => {};
  #reportedRefusal: string | undefined;
  readonly #refusalLine: RepeatedLine;

  constructor(options: MqttPublisherOptions) {
    this.#options = options;
    this.#refusalLine = new RepeatedLine((fields, message) => options.log.warn(fields, message), 3);
    this.#link = new BrokerLink({
      ...options,
      statusTopic: options.topics.status,
      willPayload: () => this.#status('offline'),
      connected: (session) => this.#connected(session),
      disconnected: () => this.#disconnected(),
    });
  }

  start(): void {
    this.#link.start();
  }

  recordsReady(): void {
    this.#sender?.send();
  }

  setLatest(value: LatestValue): void {
    const { topics } = this.#options;
    const topic = value.kind === 'health' ? topics.health : topics.stream(value.stream).info;
    this.#retain(topic, value.payload);
  }

  get stats(): MqttStats {
    const { isConnected, connects, failedAttempts, protocol } = this.#link;
    return { connected: isConnected, connects, failedAttempts, protocol };
  }

  /**
   * Sends what waits in memory, says `offline` and disconnects; at the deadline it drops the connection
   * instead, for the broker to say it. Without a connection it tries once more, if new records wait.
   */
  stop(options: { readonly deadlineMs: number }): Promise<void> {
    this.#stopped ??= this.#stop(options.deadlineMs);
    return this.#stopped;
  }

  async #stop(deadlineMs: number): Promise<void> {
    const { records, topics } = this.#options;
    const link = this.#link;
    const wasStarted = link.isStarted;
    this.#stage = 'flushing';
    link.finish(() => records.unsent > 0);
    if (!wasStarted) {
      return;
    }
    const flushTimer = setTimeout(() => {
      this.#stage = 'signingOff';
      this.#progressed();
    }, flushShare * deadlineMs);
    const deadline = setTimeout(() => link.destroy(), deadlineMs);
    try {
      const over = link.over.then(() => 'over' as const);
      const isFlushed = (): boolean => this.#stage === 'signingOff' || records.unsent === 0;
      if ((await Promise.race([over, this.#whenNothingInFlight(isFlushed)])) === 'over') {
        return;
      }
      this.#stage = 'signingOff';
      this.#retain(topics.status, this.#status('offline'));
      await Promise.race([over, this.#whenNothingInFlight(() => true)]);
      link.end();
      await over;
    } finally {
      clearTimeout(flushTimer);
      clearTimeout(deadline);
    }
  }

  #connected(session: Session): void {
    const { topics, records, inFlightLimit = defaultInFlightLimit } = this.#options;
    this.#sender = new RecordSender({
      session,
      inFlightLimit,
      topics,
      retained: this.#retained,
      records,
      takeRecord: () => this.#takeRecord(),
      refused: (topic, reason) => this.#reportRefusal(topic, reason),
      settled: () => this.#progressed(),
    });
    this.#retained.requeue();
    this.#retain(topics.status, this.#status('online'));
  }

  #disconnected(): void {
    this.#sender?.close();
    this.#sender = undefined;
    this.#options.records.requeue();
  }

  #takeRecord(): OutboxRecord | undefined {
    return this.#stage === 'signingOff'
      ? undefined
      : this.#options.records.take(this.#stage === 'notStopping');
  }

  /** Publishes a topic's latest value, retained. */
  #retain(topic: string, payload: string): void {
    this.#retained.set(topic, payload);
    this.#sender?.send();
  }

  /** Resolves once there is a connection with nothing in flight on it, and `isDone` holds. */
  #whenNothingInFlight(isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#progressed = () => {
        if (this.#sender?.inFlight === 0 && isDone()) {
          resolve();
        }
      };
      this.#progressed();
    });
  }

  /** Logs a reason once in a row, not at each publish that is refused for it. */
  #reportRefusal(topic: string, reason: string): void {
    if (reason === this.#reportedRefusal) {
      return;
    }
    // Reasons may take turns, as where each of two topics is refused for its own.
    this.#refusalLine.say({ topic, reason }, 'the broker refuses what is published');
    this.#reportedRefusal = reason;
  }

  #status(state: 'online' | 'offline'): string {
    return `{"state":"${state}","ts":${(this.#options.now ?? Date.now)()}}`;
  }
}
