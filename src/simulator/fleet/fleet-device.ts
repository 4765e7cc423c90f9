import { randomInt } from 'node:crypto';
import type { Log } from '../../base/log.js';
import type { BrokerOptions } from '../../publish/mqtt/broker-options.js';
import { MqttPublisher, type MqttStats } from '../../publish/mqtt/mqtt-publisher.js';
import { Topics } from '../../publish/mqtt/topics.js';
import { Outbox, type OutboxStats } from '../../publish/outbox/outbox.js';
import type { Qos } from '../../publish/prediction/record.js';
import { Random } from '../motion/random.js';
import { deviceHealth, streamHealth, streamInfo, type DeviceFacts } from './device-facts.js';
import { SimulatedStream, streamName } from './simulated-stream.js';

export interface FleetDeviceOptions extends Omit<BrokerOptions, 'clientId' | 'log'> {
  readonly name: string;
  readonly prefix: string;
  readonly qos: Qos;
  /** Predictions a second. */
  readonly rateHz: number;
  readonly seed: number;
  readonly log: Log;
}

/** Bound of what waits in a device's memory: a fleet has many. */
const outboxBytes = 256 * 1024;
const maxAgeMs = 86_400_000;
/** As the daemon does by default. */
const nowMs = 1000;
const healthMs = 60_000;

/**
 * A device of a simulated fleet: the publisher and the outbox of the daemon, with its connection, will, topics, payloads and
 * accounts, behind a stream that is made up. What waits is in memory alone.
 */
export class FleetDevice {
  readonly topics: Topics;
  readonly #options: FleetDeviceOptions;
  readonly #outbox: Outbox;
  readonly #publisher: MqttPublisher;
  readonly #stream: SimulatedStream;
  readonly #boot = randomInt(2 ** 32);
  readonly #random: Random;
  readonly #startedMs = Date.now();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: FleetDeviceOptions) {
    const { name, prefix, seed, qos } = options;
    this.#options = options;
    this.#random = new Random(seed);
    this.topics = new Topics(prefix, name);
    this.#outbox = new Outbox({
      maxBytes: outboxBytes,
      maxAgeMs,
      onReady: () => this.#publisher.recordsReady(),
    });
    this.#publisher = new MqttPublisher({
      ...options,
      clientId: `lstmd-${name}`,
      topics: this.topics,
      records: this.#outbox,
    });
    this.#stream = new SimulatedStream({
      boot: this.#boot,
      qos,
      random: this.#random,
      emit: (record) => this.#outbox.offer(record),
    });
  }

  /** Connects, and begins to predict at a random part of its period, as devices that nobody started at once. */
  start(): void {
    const { rateHz } = this.#options;
    const outline = {
      entry: streamName,
      members: [],
      events: [],
      periodMs: 1000 / rateHz,
      format: 'json',
      nowSeconds: nowMs / 1000,
    } as const;
    const payload = streamInfo(this.#facts);
    this.#publisher.setLatest({
      kind: 'info',
      stream: streamName,
      payload,
      outline,
    });
    this.#tellHealth();
    this.#publisher.start();
    this.#every(1000 / rateHz, () => this.#stream.predict(Date.now()));
    this.#every(nowMs, () => {
      void this.#outbox.tick();
      const now = this.#stream.takeNow();
      if (now !== undefined) {
        this.#publisher.setLatest({
          kind: 'now',
          stream: streamName,
          payload: now,
        });
      }
    });
    this.#every(healthMs, () => this.#tellHealth());
  }

  /** Breaks the connection as a network would: the broker publishes the will, and the device comes back by itself. */
  cut(): void {
    this.#publisher.cut();
  }

  get records(): OutboxStats {
    return this.#outbox.stats;
  }

  get broker(): MqttStats {
    return this.#publisher.stats;
  }

  /** Makes no more records, delivers what waits, says `offline`, and disconnects. */
  async stop(deadlineMs: number): Promise<void> {
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    this.#tellHealth();
    await this.#publisher.stop({ deadlineMs });
    await this.#outbox.stop();
  }

  get #facts(): DeviceFacts {
    return {
      boot: this.#boot,
      startedMs: this.#startedMs,
      rateHz: this.#options.rateHz,
      outbox: this.#outbox.stats,
      broker: this.#publisher.stats,
      published: this.#stream.stats,
    };
  }

  #tellHealth(): void {
    const facts = this.#facts;
    this.#publisher.setLatest({
      kind: 'deviceHealth',
      payload: deviceHealth(facts),
    });
    const payload = streamHealth(facts);
    this.#publisher.setLatest({ kind: 'health', stream: streamName, payload });
  }

  #every(periodMs: number, act: () => void): void {
    const index = this.#timers.length;
    this.#timers[index] = setTimeout(() => {
      act();
      this.#timers[index] = setInterval(act, periodMs);
    }, periodMs * this.#random.uniform());
  }
}
