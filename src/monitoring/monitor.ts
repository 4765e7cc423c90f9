import type { Config } from '../agent/config-schema.js';
import type { HealthSources } from '../agent/device-health.js';
import type { LiveStream } from '../agent/live-stream.js';
import type { AgentObserver } from '../agent/observer.js';
import type { StreamObserver } from '../agent/stream-observer.js';
import type { Log } from '../base/log.js';
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
  readonly log: Log;
  /** Takes any free port where that of the section is taken. */
  readonly orAnyPort?: boolean;
}

/** Shows an agent to people and to Prometheus: what the `monitoring` section of a configuration asks for. */
export class Monitor implements AgentObserver {
  readonly #metrics = new Metrics();
  readonly #endpoint: Endpoint | undefined;
  readonly #textfile: Textfile | undefined;
  #sources: (() => HealthSources) | undefined;

  constructor({ section, log, orAnyPort }: MonitorOptions) {
    const { listen, tokenFile, hosts, textfile, textfileSeconds } = section;
    const address = listen === undefined ? undefined : listenAddress(listen);
    const sources = (): HealthSources | undefined => this.#sources?.();
    this.#endpoint =
      address &&
      new Endpoint({
        address,
        orAnyPort,
        hosts,
        access: new Access(tokenFile),
        routes: new Map([
          ['/metrics', this.#metricsRoute()],
          ['/healthz', healthRoute(sources)],
          ['/readyz', readyRoute(sources)],
        ]),
        log,
      });
    this.#textfile =
      textfile === undefined
        ? undefined
        : new Textfile(textfile, textfileSeconds, this.#metrics, log);
  }

  /** Returns where it is served, once it is; undefined before, and without a port. */
  get url(): string | undefined {
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

  stream({ name }: LiveStream): StreamObserver {
    return observedStream(this.#metrics, name);
  }

  start(sources: () => HealthSources): void {
    this.#sources = sources;
    this.#metrics.read(sources);
    this.#endpoint?.start();
    this.#textfile?.start();
  }

  async stop(): Promise<void> {
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
