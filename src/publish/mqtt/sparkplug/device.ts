import type { OutboxRecord } from '../../outbox/contract/record.js';
import type { MetricSet } from './metric-set.js';
import type { Metric } from './payload.js';

type DeviceMessage = 'DBIRTH' | 'DDEATH' | 'DDATA';

/** A stream as a Sparkplug device: it is born while its sensor is there, or while records of it wait. */
export class Device {
  readonly name: string;
  readonly #metrics: MetricSet;
  #isBorn = false;
  /** The birth or death that is to be sent. */
  #wanted: 'birth' | 'death' | undefined = 'birth';
  /** What is to be sent of health and info, by alias. */
  readonly #latest = new Map<number | undefined, Metric>();

  constructor(name: string, metrics: MetricSet) {
    this.name = name;
    this.#metrics = metrics;
  }

  /** The type of the message that is to be sent before any record. */
  get due(): DeviceMessage | undefined {
    if (this.#wanted === 'birth') {
      return 'DBIRTH';
    }
    if (this.#wanted === 'death') {
      return 'DDEATH';
    }
    return this.#isBorn && this.#latest.size > 0 ? 'DDATA' : undefined;
  }

  metricsOf(type: DeviceMessage): readonly Metric[] {
    switch (type) {
      case 'DBIRTH':
        return this.#metrics.birth();
      case 'DDEATH':
        return [];
      case 'DDATA':
        return [...this.#latest.values()];
    }
  }

  /** That message was sent, or left out because it is larger than the broker takes. */
  sent(type: DeviceMessage): void {
    this.#latest.clear();
    if (type !== 'DDATA') {
      this.#wanted = undefined;
      this.#isBorn = type === 'DBIRTH';
    }
    if (type === 'DBIRTH') {
      this.#metrics.born();
    }
  }

  /** The node is born again: so is a device that was alive. */
  bearAgain(): void {
    if (this.#isBorn) {
      this.#wanted = 'birth';
    } else if (this.#wanted === 'death') {
      this.#wanted = undefined;
    }
    this.#isBorn = false;
  }

  setLatest(kind: 'health' | 'info', members: object): void {
    for (const metric of this.#metrics.take(kind, members, false)) {
      this.#latest.set(metric.alias, metric);
    }
    const isConnected = !('connected' in members) || members.connected !== false;
    if (kind === 'health' && !isConnected) {
      this.#wanted = this.#isBorn ? 'death' : undefined;
    } else if (!this.#isBorn || this.#metrics.hasUnborn) {
      this.#wanted = 'birth';
    }
  }

  /** The metrics of a record, after which a birth is due where they are not all of the last one. */
  take(record: OutboxRecord, members: object, isHistorical: boolean): readonly Metric[] {
    const metrics = partsOf(members).flatMap((part) =>
      this.#metrics.take(prefixOf(record, part), part, isHistorical),
    );
    if (!this.#isBorn || this.#metrics.hasUnborn) {
      this.#wanted = 'birth';
    }
    return metrics;
  }
}

/** The predictions of a batch; else what there is. */
function partsOf(members: object): readonly object[] {
  const parts: unknown = 'predictions' in members ? members.predictions : undefined;
  if (!Array.isArray(parts)) {
    return [members];
  }
  const list: readonly unknown[] = parts;
  return list.filter((part) => typeof part === 'object' && part !== null);
}

/** Each event has metrics of its own, as each output has. */
function prefixOf({ kind }: OutboxRecord, members: object): string {
  if (kind === 'prediction') {
    return kind;
  }
  const label: unknown = 'label' in members ? members.label : undefined;
  const event: unknown = 'event' in members ? members.event : label;
  return typeof event === 'string' ? `event/${event}` : 'event';
}
