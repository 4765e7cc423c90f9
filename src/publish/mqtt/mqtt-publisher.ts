import { RepeatedLine } from '../../base/repeated-line.js';
import type {
  LatestValue,
  Publisher,
  PublisherStats,
  RecordSource,
} from '../outbox/contract/publisher.js';
import type { OutboxRecord, RecordQueue } from '../outbox/contract/record.js';
import type { CommandHandler } from '../outbox/contract/commands.js';
import { CommandChannel } from './command-channel.js';
import { BrokerLink, defaultBackoff } from './broker-link.js';
import type { BrokerOptions } from './broker-options.js';
import type { ProtocolVersion } from './client-options.js';
import { HomeAssistant, type HomeAssistantOptions } from './home-assistant/home-assistant.js';
import { PacketSizeLimit } from './packet-size-limit.js';
import { RecordSender } from './record-sender.js';
import type { TooLarge } from './record-sender-options.js';
import type { Encode } from './record-message.js';
import { JsonScheme } from './json-scheme.js';
import type { PublishScheme } from './publish-scheme.js';
import type { Session } from './session.js';
import type { SessionEnd } from './session-end.js';
import type { Topics } from './topics.js';

export interface MqttPublisherOptions extends BrokerOptions {
  /** Says where Home Assistant is to find the device. */
  readonly homeAssistant?: Omit<HomeAssistantOptions, 'topics' | 'retain' | 'log'> | undefined;
  readonly topics: Topics;
  /** Writes CBOR for the streams that ask for it; undefined where none does. */
  readonly encode?: Encode | undefined;
  /** Makes the scheme that is published in place of JSON, with what has sent what its `next` returns. */
  readonly scheme?: ((wake: () => void) => PublishScheme) | undefined;
  readonly records: RecordSource;
  /** Carries out commands; undefined where none are allowed. */
  readonly commands?: CommandHandler | undefined;
  /** Unacknowledged publishes at a time; default 64. The broker may allow fewer. */
  readonly inFlightLimit?: number;
  /** Wall time, epoch milliseconds. */
  readonly now?: () => number;
}

export interface MqttStats extends PublisherStats {
  readonly failedAttempts: number;
  readonly protocol: ProtocolVersion;
  /** Retained values that were larger than the broker takes, and were left out. */
  readonly leftOut: number;
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
  readonly #scheme: PublishScheme;
  readonly #sizeLimit = new PacketSizeLimit();
  readonly #link: BrokerLink;
  readonly #homeAssistant: HomeAssistant | undefined;
  readonly #commands: CommandChannel | undefined;
  /** It belongs to the connection: undefined while there is none. */
  #sender: RecordSender | undefined;
  #stage: StopStage = 'notStopping';
  #stopped: Promise<void> | undefined;
  /** Called when a publish is done, and on each connection. */
  #progressed: () => void = () => {};
  #refusals = 0;
  #leftOut = 0;
  /** Topics of which a publish was too large, and which were named in the log: it stays so. */
  readonly #reportedTooLarge = new Set<string>();
  readonly #refused: RepeatedLine;

  constructor(options: MqttPublisherOptions) {
    this.#options = options;
    this.#refused = new RepeatedLine((fields, message) => options.log.warn(fields, message));
    const { homeAssistant, topics, encode, now = Date.now, log } = options;
    const wake = (): void => this.#sender?.send();
    const json = new JsonScheme(topics, now, encode);
    this.#scheme = options.scheme?.(wake) ?? json;
    this.#homeAssistant =
      homeAssistant &&
      new HomeAssistant({
        ...homeAssistant,
        topics,
        retain: (topic, payload) => {
          json.retain(topic, payload);
          wake();
        },
        log,
      });
    const { commands } = options;
    this.#commands =
      commands &&
      new CommandChannel({
        topics,
        commands,
        answer: (answer) => this.#sender?.answer(answer),
        log,
      });
    this.#link = new BrokerLink({
      ...options,
      will: this.#scheme.will,
      connected: (session) => this.#connected(session),
      disconnected: (end) => this.#disconnected(end),
    });
  }

  start(): void {
    this.#link.start();
  }

  recordsReady(): void {
    this.#sender?.send();
  }

  setLatest(value: LatestValue): void {
    this.#scheme.setLatest(value);
    this.#sender?.send();
    if (value.kind === 'info') {
      this.#homeAssistant?.setStream(value.stream, value.outline);
    } else if (value.kind === 'deviceHealth') {
      // It comes first when all streams have begun, and then at its interval, with those that came since.
      this.#homeAssistant?.update();
    }
  }

  /** Drops the connection, for the broker to publish the will; it is made anew like any that was lost. */
  cut(): void {
    this.#link.cut();
  }

  get stats(): MqttStats {
    const { isConnected, connects, failedAttempts, protocol } = this.#link;
    const refusals = this.#refusals;
    const leftOut = this.#leftOut;
    return { connected: isConnected, connects, failedAttempts, protocol, refusals, leftOut };
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
    const { records } = this.#options;
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
      this.#scheme.signOff();
      this.#sender?.send();
      await Promise.race([over, this.#whenNothingInFlight(() => true)]);
      link.end();
      await over;
    } finally {
      clearTimeout(flushTimer);
      clearTimeout(deadline);
      this.#refused.flush();
      this.#scheme.flush();
      this.#commands?.flush();
    }
  }

  #connected(session: Session): void {
    const { records, inFlightLimit = defaultInFlightLimit } = this.#options;
    const scheme = this.#scheme;
    this.#sender = new RecordSender({
      session,
      inFlightLimit,
      scheme,
      records,
      sizeLimit: this.#sizeLimit,
      backoff: this.#options.backoff ?? defaultBackoff,
      isSendingRecords: () => this.#stage !== 'signingOff',
      takeRecord: (isOpen) => this.#takeRecord(isOpen),
      refused: (topic, reason, isTriedAgain) => this.#reportRefusal(topic, reason, isTriedAgain),
      tooLarge: (publish) => this.#reportTooLarge(publish),
      settled: () => this.#progressed(),
    });
    scheme.connected(session);
    this.#sender.send();
    this.#homeAssistant?.connected(session);
    this.#commands?.connected(session);
  }

  #disconnected({ isByBroker, isTakenOver }: SessionEnd): void {
    this.#sender?.close(isByBroker && !isTakenOver);
    this.#sender = undefined;
    this.#options.records.requeue();
  }

  #takeRecord(isOpen: (queue: RecordQueue) => boolean): OutboxRecord | undefined {
    const { records } = this.#options;
    return this.#stage === 'notStopping'
      ? records.take(isOpen)
      : records.take((queue) => queue !== 'history' && isOpen(queue));
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

  /** Counts a refusal, and logs it. */
  #reportRefusal(topic: string, reason: string, isTriedAgain: boolean): void {
    this.#refusals += 1;
    const then = isTriedAgain
      ? "it waits and is tried again; look at the broker's access list and quota for this topic"
      : 'it is dropped and counted';
    this.#refused.say({ topic, reason }, `the broker refuses what is published: ${then}`);
  }

  /** Counts a value that is larger than the broker takes, and logs it once for each topic. */
  #reportTooLarge({ topic, isRetained, bytes, maximumBytes }: TooLarge): void {
    if (isRetained) {
      this.#leftOut += 1;
    }
    if (this.#reportedTooLarge.has(topic)) {
      return;
    }
    this.#reportedTooLarge.add(topic);
    this.#options.log.warn(
      { topic, bytes, maximumBytes },
      'larger than the broker takes: it is left out, as all of that size on this topic, and counted',
    );
  }
}
