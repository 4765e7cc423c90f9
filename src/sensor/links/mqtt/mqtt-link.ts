import type { Link, LinkSink } from '../link.js';
import { retainedWords, TopicFeed } from './topic-feed.js';
import type { FeedSection } from './options.js';

/** The messages of one topic as the bytes of one sensor. */
export class MqttLink implements Link {
  readonly #name: string;
  readonly #isWhole: boolean;
  readonly #feed: TopicFeed;

  constructor(link: string, section: FeedSection) {
    this.#name = link;
    this.#isWhole = section.messages === 'whole';
    this.#feed = new TopicFeed(link, section);
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#feed.counters;
  }

  start(sink: LinkSink): void {
    this.#feed.start({
      opened: () => sink.opened(this.#name),
      message: (_topic, payload, arrivalMs) => {
        sink.bytes(payload, arrivalMs, this.#isWhole);
      },
      closed: () => sink.closed('brokerLost'),
      unavailable: (message) => sink.unavailable(message),
      retained: (topic) => sink.noticed?.(retainedWords(topic)),
    });
  }

  /** A topic is only read: there is nobody to ask for a sample. */
  write(): void {}

  stop(): Promise<void> {
    return this.#feed.stop();
  }
}
