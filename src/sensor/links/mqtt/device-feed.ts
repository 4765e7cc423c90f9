import type { DeviceLinks, DeviceSink } from '../device-links.js';
import { deviceOf } from './address.js';
import { DeviceLink } from './device-link.js';
import type { FeedSection } from './options.js';
import { isOfShard, type Shard } from './shard.js';
import { retainedWords, TopicFeed } from './topic-feed.js';

/** One connection for a pattern, whose messages go to the links of the devices that sent them. */
export class DeviceFeed implements DeviceLinks {
  readonly maxStreams: number;
  readonly #section: FeedSection;
  readonly #feed: TopicFeed;
  readonly #links = new Map<string, DeviceLink>();
  readonly #shard: Shard | undefined;
  #otherShards = 0;

  /**
   * @param link the address in `sensor.link`, whose topic is a pattern
   * @param options.shard the part of the devices that is taken; undefined for all
   */
  constructor(
    link: string,
    section: FeedSection,
    { maxStreams, shard }: { readonly maxStreams: number; readonly shard: Shard | undefined },
  ) {
    this.maxStreams = maxStreams;
    this.#shard = shard;
    this.#section = section;
    this.#feed = new TopicFeed(link, section);
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#shard === undefined
      ? this.#feed.counters
      : { ...this.#feed.counters, otherShards: this.#otherShards };
  }

  start(sink: DeviceSink): void {
    const { topic: pattern } = this.#feed.address;
    this.#feed.start({
      opened: () => {
        sink.opened(pattern);
        for (const link of this.#links.values()) {
          link.opened();
        }
      },
      message: (topic, payload, arrivalMs) => this.#route(sink, topic, payload, arrivalMs),
      closed: () => {
        for (const link of this.#links.values()) {
          link.closed();
        }
      },
      unavailable: (message) => {
        sink.noticed(`the broker of the devices is not there and is being tried again: ${message}`);
      },
      retained: (topic) => sink.noticed(retainedWords(topic)),
    });
  }

  stop(): Promise<void> {
    return this.#feed.stop();
  }

  #route(sink: DeviceSink, topic: string, payload: Uint8Array, arrivalMs: number): void {
    const device = deviceOf(this.#feed.address.topic, topic);
    if (device === undefined) {
      return;
    }
    let link = this.#links.get(device);
    if (link === undefined) {
      if (this.#shard !== undefined && !isOfShard(device, this.#shard)) {
        this.#otherShards += 1;
        return;
      }
      link = new DeviceLink(topic, this.#feed, this.#section.messages === 'whole');
      if (!sink.appeared(device, link)) {
        return;
      }
      this.#links.set(device, link);
    }
    link.message(payload, arrivalMs);
  }
}
