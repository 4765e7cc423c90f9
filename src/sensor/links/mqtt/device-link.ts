import type { Link, LinkSink } from '../link.js';
import type { TopicFeed } from './topic-feed.js';

/** Holds what a device may send while its stream is made, which takes as long as its state is read from flash. */
const mostWaiting = 256;
const mostWaitingBytes = 256 * 1024;

/** The messages of one device, of the many that a feed brings. */
export class DeviceLink implements Link {
  readonly #name: string;
  readonly #isWhole: boolean;
  readonly #feed: TopicFeed;
  readonly #own = { messages: 0, bytes: 0, dropped: 0 };
  #sink: LinkSink | undefined;
  #isOpen = true;
  #waiting: { readonly payload: Uint8Array; readonly arrivalMs: number }[] = [];
  #waitingBytes = 0;

  /** @param name the topic, for messages */
  constructor(name: string, feed: TopicFeed, isWhole: boolean) {
    this.#name = name;
    this.#feed = feed;
    this.#isWhole = isWhole;
  }

  /** With those of the connection that all devices share: its pings tell that a silent device is only silent. */
  get counters(): Readonly<Record<string, number>> {
    const { opens, hangUps, openErrors, pings } = this.#feed.counters;
    return { ...this.#own, opens, hangUps, openErrors, pings };
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
    if (this.#isOpen) {
      sink.opened(this.#name);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { payload, arrivalMs } of waiting) {
      sink.bytes(payload, arrivalMs, this.#isWhole);
    }
  }

  /** A topic is only read: there is nobody to ask for a sample. */
  write(): void {}

  stop(): Promise<void> {
    this.#sink = undefined;
    this.#waiting = [];
    return Promise.resolve();
  }

  /** Takes a message of the device. */
  message(payload: Uint8Array, arrivalMs: number): void {
    this.#own.messages += 1;
    this.#own.bytes += payload.length;
    if (this.#sink !== undefined) {
      this.#sink.bytes(payload, arrivalMs, this.#isWhole);
      return;
    }
    this.#waitingBytes += payload.length;
    if (this.#waiting.length < mostWaiting && this.#waitingBytes <= mostWaitingBytes) {
      this.#waiting.push({ payload: payload.slice(), arrivalMs });
    } else {
      this.#own.dropped += 1;
    }
  }

  /** Takes that there is a connection. */
  opened(): void {
    this.#isOpen = true;
    this.#sink?.opened(this.#name);
  }

  /** Takes that the connection is lost. */
  closed(): void {
    this.#isOpen = false;
    this.#sink?.closed('brokerLost');
  }
}
