import type { Config } from '../agent/config-schema.js';
import type { HealthSources } from '../agent/device-health.js';
import type { LiveStream } from '../agent/live-stream.js';
import type { AgentObserver } from '../agent/observer.js';
import type { StreamObserver } from '../agent/stream-observer.js';
import type { Log } from '../base/log.js';
import { Dashboard } from '../dashboard/dashboard.js';
import { listenAddress } from '../config/listen-address.js';
import { machineClock } from '../platform/machine-clock.js';
import type { RecordSource } from '../publish/outbox/contract/publisher.js';
import { Access } from './http/access.js';
import { Endpoint } from './http/endpoint.js';
import { healthRoute, readyRoute } from './http/health-routes.js';
import { answerText, type Route } from './http/route.js';
import { Metrics } from './metrics/metrics.js';
import { observedStream } from './metrics/observed-stream.js';
import { Textfile } from './metrics/textfile.js';
import { timedRecords } from './metrics/timed-records.js';

export type MonitoringSection = NonNullable<Config['monitoring']>;

export interface MonitorOptions {
  readonly section: MonitoringSection;
  /** Name of the device. */
  readonly device: string;
  readonly log: Log;
  /** Takes any free port where that of the section is taken. */
  readonly orAnyPort?: boolean;
}

/** Shows an agent to people and to Prometheus: what the `monitoring` section of a configuration asks for. */
export class Monitor implements AgentObserver {
  readonly #metrics = new Metrics();
  readonly #endpoint: Endpoint | undefined;
  readonly #textfile: Textfile | undefined;
  readonly #dashboard: Dashboard | undefined;
  #sources: (() => HealthSources) | undefined;

  constructor({ section, device, log, orAnyPort }: MonitorOptions) {
    const { listen, tokenFile, hosts, textfile, textfileSeconds } = section;
    const address = listen === undefined ? undefined : listenAddress(listen);
    const sources = (): HealthSources | undefined => this.#sources?.();
    const access = new Access(tokenFile);
    this.#dashboard = section.dashboard ? new Dashboard(device, access) : undefined;
    this.#endpoint =
      address &&
      new Endpoint({
        address,
        orAnyPort,
        hosts,
        access,
        routes: new Map([
          ['/metrics', this.#metricsRoute()],
          ['/healthz', healthRoute(sources)],
          ['/readyz', readyRoute(sources)],
          ...(this.#dashboard?.routes ?? []),
        ]),
        log,
      });
    this.#textfile =
      textfile === undefined
        ? undefined
        : new Textfile(textfile, textfileSeconds, this.#metrics, log);
  }

  /** Waits until it is served, and returns where: `http://host:port`; undefined without a port, or where it cannot be had now. */
  async listening(): Promise<string | undefined> {
    await this.#endpoint?.settled();
    return this.#endpoint?.url;
  }

  records(source: RecordSource): RecordSource {
    const clock = machineClock();
    const { deliverySeconds } = this.#metrics;
    return timedRecords(
      source,
      () => clock.bootMs(),
      (elapsedMs) => deliverySeconds.observe(elapsedMs / 1000),
    );
  }

  stream(stream: LiveStream): StreamObserver {
    const counted = observedStream(this.#metrics, stream.name);
    const shown = this.#dashboard?.stream(stream);
    return shown === undefined ? counted : both(counted, shown);
  }

  start(sources: () => HealthSources): void {
    this.#sources = sources;
    this.#metrics.read(sources);
    this.#dashboard?.start(sources);
    this.#endpoint?.start();
    this.#textfile?.start();
  }

  async stop(): Promise<void> {
    this.#dashboard?.stop();
    await Promise.all([this.#endpoint?.stop(), this.#textfile?.stop()]);
  }

  #metricsRoute(): Route {
    return {
      method: 'GET',
      needsToken: true,
      answer: async (_, response) => {
        answerText(response, 200, await this.#metrics.text(), this.#metrics.contentType);
      },
    };
  }
}

function both(first: StreamObserver, second: StreamObserver): StreamObserver {
  return {
    stepped: (block, result, stepMs) => {
      first.stepped(block, result, stepMs);
      second.stepped(block, result, stepMs);
    },
    gap: (gap) => {
      first.gap(gap);
      second.gap(gap);
    },
    record: (record) => {
      first.record(record);
      second.record(record);
    },
  };
}
