import type { HealthSources } from '../../agent/device-health.js';
import type { LiveStream } from '../../agent/live-stream.js';

/** A stream with its counters as they were when somebody asked. */
export type StreamNow = Pick<LiveStream, 'name' | 'prepared' | 'health'>;

/** The parts of an agent that metrics are read from. */
export type MetricSources = Omit<HealthSources, 'streams'> & {
  readonly streams: readonly StreamNow[];
};

/** The value of a metric; null and undefined where there is none now, and no sample of it is shown. */
export type Value = number | null | undefined;

/** Takes the value of a metric with these labels, which stand in the order of the family's. */
export type Report = (value: Value, ...labels: string[]) => void;

/**
 * A metric that is read from what the agent counts anyway, when somebody asks for it: it costs nothing until then.
 * The names follow the naming practices of Prometheus: base units, `_total` for what only grows, which is a counter;
 * all others are gauges.
 */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly report: (sources: MetricSources, report: Report) => void;
}
