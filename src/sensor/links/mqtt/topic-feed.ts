import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../base/errors.js';
import { backoffMs } from '../../../mqtt-client/backoff.js';
import { topicAddress, type TopicAddress } from './address.js';
import type { Connection } from './connection.js';
import type { FeedSection } from './options.js';

/** Takes the messages and the events of a feed, in their order. */
export interface FeedSink {
  opened(): void;
  /** @param arrivalMs when it was read, by `performance.now()` */
  message(topic: string, payload: Uint8Array, arrivalMs: number): void;
  /** Takes that the connection is lost; another is made by itself. */
  closed(): void;
  /** Takes why there is no connection now; called once for each other message. */
  unavailable(message: string): void;
  /** Takes that a retained message came, which is old and no sample; called once. */
  retained(topic: string): void;
}

/** A thousand devices whose broker restarts do not come back in step; samples do not wait for long. */
const backoff = { minMs: 250, maxMs: 10_000 };
/** A connection that held so long was a good one. */
const goodMs = 10_000;

/**
 * Keeps one connection to a broker with one subscription: after each that ends or fails it waits and makes another. That
 * no message comes is no reason to make another, for the pings tell that the broker is there.
 */
export class TopicFeed {
  /** Only ever grow. */
  readonly counters = {
    opens: 0,
    hangUps: 0,
    openErrors: 0,
    pings: 0,
    messages: 0,
    retained: 0,
    bytes: 0,
  };
  readonly address: TopicAddress;
  readonly #section: FeedSection;
  readonly #stopping = new AbortController();
  #connection: Connection | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @param link the address in `sensor.link`, which the schema has found to be good */
  constructor(link: string, section: FeedSection) {
    this.address = topicAddress(link) ?? { url: link, topic: '', isPattern: false };
    this.#section = section;
  }

  /** Begins to connect; returns at once. Called once. */
  start(sink: FeedSink): void {
    this.#running = this.#run(sink);
  }

  /** Closes everything and calls the sink no more. May be called at any time, and again. */
  stop(): Promise<void> {
    this.#stopping.abort();
    this.#connection?.close();
    return this.#running;
  }

  async #run(sink: FeedSink): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    let unavailable: string | undefined;
    while (!signal.aborted) {
      const beganMs = performance.now();
      let reason: string;
      try {
        this.#connection = await this.#connect(sink, signal);
        unavailable = undefined;
        reason = await this.#connection.ended;
        this.#connection = undefined;
        this.counters.hangUps += 1;
        if (!signal.aborted) {
          sink.closed();
        }
      } catch (error) {
        this.counters.openErrors += 1;
        reason = inSection(messageOf(error));
      }
      if (signal.aborted) {
        return;
      }
      if (reason !== unavailable) {
        unavailable = reason;
        sink.unavailable(reason);
      }
      failures = performance.now() - beganMs > goodMs ? 1 : failures + 1;
      await sleep(backoffMs(failures, backoff), undefined, { signal }).catch(() => undefined);
    }
  }

  async #connect(sink: FeedSink, signal: AbortSignal): Promise<Connection> {
    const { counters } = this;
    // Loaded only by whoever has such a sensor: the client library takes its time.
    const { connectFeed } = await import('./connection.js');
    // A broker may send before it has answered the subscription.
    let isOpen = false;
    const open = (): void => {
      if (!isOpen && !signal.aborted) {
        isOpen = true;
        counters.opens += 1;
        sink.opened();
      }
    };
    const connection = await connectFeed(
      this.address,
      this.#section,
      {
        message: (topic, payload, isRetained) => {
          if (signal.aborted) {
            return;
          }
          if (isRetained) {
            counters.retained += 1;
            if (counters.retained === 1) {
              sink.retained(topic);
            }
            return;
          }
          open();
          counters.messages += 1;
          counters.bytes += payload.length;
          sink.message(topic, payload, performance.now());
        },
        pinged: () => {
          counters.pings += 1;
        },
      },
      signal,
    );
    open();
    return connection;
  }
}

/** The words for faults of a connection name the options of the publisher's section. */
function inSection(message: string): string {
  return message.replaceAll(/(?<![\w.])mqtt\.(ca|cert|key)\b/g, 'sensor.mqtt.$1');
}

/** Returns what is said of a retained message. */
export function retainedWords(topic: string): string {
  return `a retained message on ${topic} is no sample, for nobody knows when it was measured: it is passed over, as all of its kind; have the device publish without retain`;
}
