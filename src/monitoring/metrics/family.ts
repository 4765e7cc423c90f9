/** Takes the value of a metric with these labels, which stand in the order of the family's. */
export type Report = (value: number, ...labels: string[]) => void;

/**
 * A metric that is read from what the agent counts anyway, when somebody asks for it: it costs nothing until then.
 * The names follow the naming practices of Prometheus: base units, `_total` for what only grows.
 */
export interface Family<Sources> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
  readonly report: (sources: Sources, report: Report) => void;
}
