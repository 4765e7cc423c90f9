import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HealthSources } from '../../agent/device-health.js';
import type { Family, MetricSources } from './family.js';
import { deviceFamilies } from './device-families.js';
import { streamFamilies } from './stream-families.js';

type Labels = Readonly<Record<string, string>>;

/** Bounds of buckets, seconds: a step takes microseconds, a broker far away most of a second. */
const stepBuckets = [1e-5, 2.5e-5, 1e-4, 2.5e-4, 1e-3, 2.5e-3, 0.01, 0.025, 0.1, 1];
const deliveryBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const gapBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600];

/**
 * The metrics of an agent in the text format of Prometheus. Most are read from the agent's own counters when somebody
 * asks; what it does not count itself is observed here.
 */
export class Metrics {
  readonly #registry = new Registry();
  #sources: (() => HealthSources) | undefined;
  /** The text that is being made is read from this; undefined before the agent starts. */
  #now: MetricSources | undefined;

  readonly stepSeconds = new Histogram({
    name: 'lstmd_block_step_seconds',
    help: 'Time that the engine took for the samples of one read.',
    labelNames: ['stream'],
    buckets: stepBuckets,
    registers: [this.#registry],
  });

  readonly gapSeconds = new Histogram({
    name: 'lstmd_gap_seconds',
    help: 'Lengths of the gaps in which samples did not arrive, by reason.',
    labelNames: ['stream', 'reason'],
    buckets: gapBuckets,
    registers: [this.#registry],
  });

  readonly deliverySeconds = new Histogram({
    name: 'lstmd_delivery_seconds',
    help: 'Time from the step of a sample to the acknowledgement of its record by the broker; without records that waited on disk.',
    buckets: deliveryBuckets,
    registers: [this.#registry],
  });

  readonly lastSampleSeconds = new Gauge({
    name: 'lstmd_last_sample_timestamp_seconds',
    help: 'When the newest sample was stepped, seconds of the epoch; of a stream without one since the start, when it started.',
    labelNames: ['stream'],
    registers: [this.#registry],
  });

  constructor() {
    for (const family of [...deviceFamilies, ...streamFamilies]) {
      this.#register(family);
    }
  }

  /** Has the metrics read from these parts from now on. */
  read(sources: () => HealthSources): void {
    this.#sources = sources;
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** All metrics as they are now, as text. */
  text(): Promise<string> {
    const sources = this.#sources?.();
    // The health of a stream is made anew at each look, and many families look at it.
    this.#now = sources && {
      ...sources,
      streams: sources.streams.map(({ name, prepared, health }) => ({ name, prepared, health })),
    };
    return this.#registry.metrics();
  }

  #register({ name, help, labels, report }: Family): void {
    const options = { name, help, labelNames: [...labels], registers: [this.#registry] };
    const fill = (metric: Gauge | Counter, put: (at: Labels, value: number) => void): void => {
      metric.reset();
      if (this.#now === undefined) {
        return;
      }
      report(this.#now, (value, ...values) => {
        if (value !== undefined && value !== null) {
          put(Object.fromEntries(labels.map((label, n) => [label, values[n] ?? ''])), value);
        }
      });
    };
    if (name.endsWith('_total')) {
      const counter: Counter = new Counter({
        ...options,
        collect: () => fill(counter, (at, value) => counter.inc(at, value)),
      });
    } else {
      const gauge: Gauge = new Gauge({
        ...options,
        collect: () => fill(gauge, (at, value) => gauge.set(at, value)),
      });
    }
  }
}
