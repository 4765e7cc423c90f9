import type { Log } from '../base/log.js';
import { repeat } from '../base/repeat.js';
import type { ServiceManager } from '../platform/service-manager.js';
import type { ClockWatch } from './clock-watch.js';
import { deviceHealth, streamHealth, type HealthSources } from './device-health.js';
import { DropWatch } from './drop-watch.js';
import type { LiveStream } from './live-stream.js';
import { SensorPresence } from './sensor-presence.js';
import { ServiceStatus } from './service-status.js';
import { streamInfo } from './stream-info.js';
import { streamOutline } from './stream-outline.js';

/** The parts of an agent that reports tell of; each is read anew at each report. */
export interface ReportedParts extends Omit<HealthSources, 'boot' | 'clock'> {
  /** Number of this process' life, once that is known. */
  readonly boot: () => number;
  readonly clock: Pick<ClockWatch, 'health'>;
}

/** Tells subscribers and the service manager what the streams of an agent are, and how they and the device do. */
export class AgentReports {
  readonly #parts: ReportedParts;
  readonly #serviceManager: ServiceManager;
  readonly #log: Log;
  readonly #serviceStatus = new ServiceStatus();
  readonly #presence: SensorPresence;
  readonly #dropWatch: DropWatch;
  #healthTimer: NodeJS.Timeout | undefined;

  constructor(parts: ReportedParts, serviceManager: ServiceManager, log: Log) {
    this.#parts = parts;
    this.#serviceManager = serviceManager;
    this.#log = log;
    this.#dropWatch = new DropWatch(() => parts.outbox.stats.dropped, log);
    this.#presence = new SensorPresence(
      parts.streams,
      (stream) => this.#publishStreamHealth(stream),
      log,
    );
  }

  /** Tells the health now, at its interval, and of a stream when its sensor comes or goes. */
  start(healthSeconds: number): void {
    this.#healthTimer = repeat(1000 * healthSeconds, 'the health', this.#log, () => this.health());
    this.#dropWatch.start();
    this.health();
    this.#presence.start();
  }

  /** Tells nothing more by itself. May be called again, and before `start`. */
  stop(): void {
    clearInterval(this.#healthTimer);
    this.#dropWatch.stop();
    this.#presence.stop();
  }

  /** Publishes what a stream is, and returns it: a JSON object. */
  info(stream: LiveStream): string {
    const { boot, publisher } = this.#parts;
    const payload = streamInfo(stream.prepared, boot(), stream.loaded);
    const outline = streamOutline(stream.prepared);
    publisher.setLatest({ kind: 'info', stream: stream.name, payload, outline });
    return payload;
  }

  /** Publishes the health of the device and of each stream. */
  health(): void {
    const { publisher, streams } = this.#parts;
    publisher.setLatest({ kind: 'deviceHealth', payload: deviceHealth(this.sources) });
    for (const stream of streams) {
      this.#publishStreamHealth(stream);
    }
    this.#serviceManager.status(this.statusLine());
  }

  /** The clock was set, or became known to be right: what was dated by it is looked at again. */
  clockChanged(): void {
    for (const stream of this.#parts.streams) {
      if (stream.clockChanged()) {
        this.info(stream);
      }
    }
    this.health();
  }

  /** The parts as they are now. */
  get sources(): HealthSources {
    const { boot, clock, ...others } = this.#parts;
    return { boot: boot(), clock: clock.health, ...others };
  }

  /** A line for the service manager, with the rate since the last one. */
  statusLine(): string {
    return this.#serviceStatus.line(this.#parts);
  }

  #publishStreamHealth(stream: LiveStream): void {
    const payload = streamHealth(this.#parts.boot(), stream);
    this.#parts.publisher.setLatest({ kind: 'health', stream: stream.name, payload });
  }
}
