import { messageOf } from '../../../base/errors.js';
import type { Log } from '../../../base/log.js';
import { packageVersion } from '../../../base/version.js';
import type { StreamOutline } from '../../prediction/stream-outline.js';
import type { Session } from '../session.js';
import type { Topics } from '../topics.js';
import { identifier } from './component.js';
import { deviceComponents } from './device-components.js';
import {
  readKnown,
  writeKnown,
  type KnownComponent,
  type KnownTopics,
} from './known-components.js';
import { streamComponents } from './stream-components.js';

/** The longest wait from Home Assistant's start to being told again. */
const longestDelayMs = 5000;

export interface HomeAssistantOptions {
  /** The discovery prefix, such as `homeassistant`. */
  readonly prefix: string;
  /** Name of the device in topics. */
  readonly device: string;
  /** Name of the device for people. */
  readonly name: string;
  readonly topics: Topics;
  /** The entries of `streams` in the configuration. */
  readonly entries: readonly string[];
  readonly healthSeconds: number;
  /** Says where it is kept what Home Assistant was told of. */
  readonly directory: string;
  /** Publishes a value, retained; an empty one removes what the topic had. */
  readonly retain: (topic: string, payload: string) => void;
  readonly log: Log;
}

/**
 * Tells Home Assistant of the device: one retained message with all of its components. A component that is gone,
 * because its stream or its label has another name now, is in the message by its platform alone, which removes it; a
 * device that had another name is removed by an empty message on the topic that it had.
 */
export class HomeAssistant {
  readonly #options: HomeAssistantOptions;
  readonly #topic: string;
  readonly #streams = new Map<string, StreamOutline>();
  /** Holds what was told before; undefined until it is read. */
  #known: KnownTopics | undefined;
  #payload = '';
  #again: NodeJS.Timeout | undefined;
  #isUpdating = false;
  /** True where the streams publish something else than Home Assistant was told last. */
  #isStale = true;

  constructor(options: HomeAssistantOptions) {
    const { prefix, device } = options;
    this.#options = options;
    this.#topic = `${prefix}/device/lstmd-${identifier(device)}/config`;
  }

  /**
   * Listens on a new connection for Home Assistant's start, at which it is told again: a broker that keeps no
   * retained messages has forgotten it.
   */
  connected(session: Session): void {
    const { prefix, log } = this.#options;
    const topic = `${prefix}/status`;
    session.subscribe(
      topic,
      ({ payload }) => {
        if (payload.toString() === 'online') {
          this.#tellAgain();
        }
      },
      (reason) =>
        log.warn(
          { topic, reason },
          'the broker does not let this device hear when Home Assistant starts: allow it to read this topic; what is retained is found without',
        ),
    );
  }

  /** Takes what a stream will publish; `update` tells it. */
  setStream(stream: string, outline: StreamOutline): void {
    this.#streams.set(stream, outline);
    this.#isStale = true;
    if (outline.nowSeconds === 0) {
      this.#options.log.warn(
        { stream },
        'Home Assistant will not see this stream: publish.nowSeconds is 0, and its entities are of what that publishes',
      );
    }
  }

  /** Publishes the message if it is another than before. Does not throw. */
  update(): void {
    if (this.#isUpdating || !this.#isStale) {
      return;
    }
    this.#isUpdating = true;
    this.#isStale = false;
    void this.#update()
      .catch((error: unknown) => {
        this.#isStale = true;
        this.#options.log.warn(
          { reason: messageOf(error) },
          'Home Assistant is not told of this device now: what it knows cannot be kept; it is tried again',
        );
      })
      .finally(() => {
        this.#isUpdating = false;
      });
  }

  /** After a random time, for a thousand devices hear of it at once. */
  #tellAgain(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      if (this.#payload !== '') {
        this.#options.retain(this.#topic, this.#payload);
      }
    }, Math.random() * longestDelayMs);
    this.#again.unref();
  }

  async #update(): Promise<void> {
    const { directory, retain } = this.#options;
    const known = (this.#known ??= await readKnown(directory));
    const { components, current } = this.#components(known[this.#topic] ?? {});
    const payload = this.#message(components);
    if (payload === this.#payload) {
      return;
    }
    // Kept first: what was told of and is not known any more could never be removed.
    const next = { ...known, [this.#topic]: { ...known[this.#topic], ...current } };
    await writeKnown(directory, next);
    this.#known = next;
    for (const topic of Object.keys(next)) {
      if (topic !== this.#topic) {
        retain(topic, '');
      }
    }
    retain(this.#topic, payload);
    this.#payload = payload;
  }

  /** The components of now with those that are to be removed, and of the former what is to be remembered. */
  #components(known: Readonly<Record<string, KnownComponent>>): {
    readonly components: Readonly<Record<string, { readonly p: string }>>;
    readonly current: Readonly<Record<string, KnownComponent>>;
  } {
    const { device, topics, healthSeconds, entries } = this.#options;
    const components: Record<string, { readonly p: string }> = {};
    const current: Record<string, KnownComponent> = {};
    for (const { id, component } of deviceComponents(device, topics, healthSeconds)) {
      components[id] = component;
      current[id] = { component, stream: '', entry: '' };
    }
    for (const [stream, outline] of this.#streams) {
      if (outline.nowSeconds === 0) {
        continue;
      }
      const own = streamComponents(device, stream, outline, topics.stream(stream), healthSeconds);
      for (const { id, component } of own) {
        components[id] = component;
        current[id] = { component, stream, entry: outline.entry };
      }
    }
    for (const [id, { component, stream, entry }] of Object.entries(known)) {
      // A stream that has not begun yet, such as a device that has not sent, keeps what it has.
      const isAwaited = entries.includes(entry) && !this.#streams.has(stream);
      components[id] ??= isAwaited ? component : { p: component.p };
    }
    return { components, current };
  }

  #message(components: Readonly<Record<string, object>>): string {
    const { device, name, topics } = this.#options;
    const version = packageVersion();
    return JSON.stringify({
      dev: { ids: [`lstmd-${identifier(device)}`], name, mdl: 'lstmd', sw: version },
      o: { name: 'lstmd', sw: version },
      availability: [
        {
          topic: topics.status,
          value_template: "{{ value_json['state'] }}",
          payload_available: 'online',
          payload_not_available: 'offline',
        },
      ],
      qos: 1,
      cmps: components,
    });
  }
}
