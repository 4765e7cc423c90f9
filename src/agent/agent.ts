import type { Config } from './config-schema.js';
import type { Secrets } from '../config/secrets.js';
import { logWith, type Log } from '../base/log.js';
import { Connector } from '../publish/mqtt/connector.js';
import type { Outbox } from '../publish/outbox/outbox.js';
import { deviceTopics } from '../publish/mqtt/topics.js';
import { countBoot } from '../state/boot-counter.js';
import { DirectoryLock } from '../platform/directory-lock.js';
import { createOutbox } from './outbox-factory.js';
import type { PreparedStream } from './prepared-stream.js';
import { ServiceManager } from '../platform/service-manager.js';
import { Stream } from './live-stream.js';
import { streamInfo } from './stream-info.js';
import { Watchdog, type Stage } from './watchdog.js';

export interface AgentOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly streams: readonly PreparedStream[];
  readonly log: Log;
  readonly serviceManager?: ServiceManager;
  /** A stage that has work and does none of it for so long is stalled; default 150 s. */
  readonly stallMs?: number;
}

/** What was left when the agent stopped. */
export interface StopReport {
  /** Samples in each stream's saved state; null where it could not be saved. */
  readonly saved: Readonly<Record<string, number | null>>;
  /** Records that the broker did not take in time: on disk, or counted as dropped. */
  readonly undelivered: number;
}

/** Time for the last records to reach the broker; well within `TimeoutStopSec` of the unit. */
const flushDeadlineMs = 3000;
/** The sensor is asked for at least once a minute, and a slow disk may take long for one save. */
const defaultStallMs = 150_000;

/** The streams of one configuration and what they share: one process of `lstmd run`. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #log: Log;
  readonly #serviceManager: ServiceManager;
  readonly #lock = new DirectoryLock();
  readonly #outbox: Outbox;
  readonly #connector: Connector;
  readonly #healthTopic: string;
  #streams: Stream[] = [];
  #boot = 0;
  #watchdog: Watchdog | undefined;
  #healthTimer: NodeJS.Timeout | undefined;
  #stopped: Promise<StopReport> | undefined;

  constructor(options: AgentOptions) {
    const { config, secrets, log } = options;
    const { mqtt, device } = config;
    const topics = deviceTopics(mqtt.prefix, device);
    this.#options = options;
    this.#log = log;
    this.#serviceManager = options.serviceManager ?? new ServiceManager();
    this.#healthTopic = topics.health;
    this.#outbox = createOutbox(config, log);
    this.#connector = new Connector({
      url: mqtt.url,
      clientId: mqtt.clientId ?? `lstmd-${device}`,
      username: mqtt.username,
      password: secrets.password,
      tls: secrets,
      protocol: mqtt.protocol,
      keepaliveSeconds: mqtt.keepaliveSeconds,
      statusTopic: topics.status,
      outbox: this.#outbox,
      log,
    });
  }

  /**
   * Starts everything in order; sensor and broker may both be absent. Once the signal aborts,
   * nothing more is started: call `stop`.
   *
   * @throws LstmdError `state.locked` when another process has the state directory
   */
  async start(signal: AbortSignal): Promise<void> {
    const { config, streams } = this.#options;
    await this.#lock.acquire(config.stateDirectory);
    if (signal.aborted) {
      return;
    }
    this.#boot = await countBoot(config.stateDirectory, { log: this.#log });
    await this.#outbox.start();
    if (signal.aborted) {
      return;
    }
    this.#connector.start();
    for (const prepared of streams) {
      if (signal.aborted) {
        return;
      }
      const stream = new Stream({
        prepared,
        boot: this.#boot,
        qos: config.mqtt.qos,
        publish: (topic, payload, qos) => this.#connector.publish(topic, payload, qos),
        log: logWith(this.#log, { stream: prepared.name }),
      });
      const state = await stream.resume();
      if (signal.aborted) {
        return;
      }
      this.#connector.retain(prepared.topics.info, streamInfo(prepared, this.#boot, state));
      this.#streams.push(stream);
      stream.start();
    }
    this.#healthTimer = setInterval(() => this.#publishHealth(), 1000 * config.healthSeconds);
    this.#publishHealth();
    this.#watch();
    this.#serviceManager.ready(`${this.#streams.length} streams, boot ${this.#boot}`);
    this.#log.info({ boot: this.#boot, streams: this.#streams.map(({ name }) => name) }, 'running');
  }

  /** Stops in reverse: sensors first, then states to flash, then the last records to the broker or to disk. */
  stop(): Promise<StopReport> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<StopReport> {
    this.#serviceManager.stopping();
    clearInterval(this.#healthTimer);
    this.#watchdog?.stop();
    const saved = await Promise.all(
      this.#streams.map(async (stream) => [stream.name, await stream.stop()] as const),
    );
    this.#publishHealth();
    const { pending } = await this.#connector.stop({ deadlineMs: flushDeadlineMs });
    await this.#outbox.stop();
    await this.#lock.release();
    this.#log.info({ saved: Object.fromEntries(saved), undelivered: pending }, 'stopped');
    return { saved: Object.fromEntries(saved), undelivered: pending };
  }

  #publishHealth(): void {
    const { produced, delivered, pending, dropped, disk } = this.#outbox.stats;
    const stateBytesPerDay = this.#streams.reduce((sum, s) => sum + s.stateBytesPerDay, 0);
    this.#connector.retain(
      this.#healthTopic,
      JSON.stringify({
        ts: Date.now(),
        boot: this.#boot,
        uptimeSeconds: Math.round(process.uptime()),
        rssBytes: process.memoryUsage.rss(),
        records: { produced, delivered, pending, dropped },
        outbox: disk,
        flash: {
          outboxBytesPerDay: disk?.bytesPerDay ?? 0,
          stateBytesPerDay: Math.round(stateBytesPerDay),
        },
        broker: this.#connector.stats,
        streams: Object.fromEntries(this.#streams.map((stream) => [stream.name, stream.health])),
      }),
    );
  }

  #watch(): void {
    const { watchdogIntervalMs } = this.#serviceManager;
    if (watchdogIntervalMs === null) {
      return;
    }
    const publishing: Stage = {
      name: 'broker',
      progress: () => this.#outbox.stats.delivered + this.#connector.stats.connects,
      waiting: () => !this.#connector.stats.connected || this.#outbox.unsent === 0,
    };
    const disk: Stage = {
      name: 'outbox',
      progress: () => {
        const { writes, failures } = this.#outbox.stats.disk ?? { writes: 0, failures: 0 };
        return writes + failures;
      },
      waiting: () => !this.#outbox.isWriting,
    };
    this.#watchdog = new Watchdog(
      [...this.#streams.flatMap((stream) => stream.stages), publishing, disk],
      this.#options.stallMs ?? defaultStallMs,
      () => this.#serviceManager.alive(),
      this.#log,
    );
    this.#watchdog.start(watchdogIntervalMs);
  }
}
