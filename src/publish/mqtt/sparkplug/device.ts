import { isObject, type JsonObject } from '../../../base/json.js';
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
  /** The metrics of health and info that are to be sent, by alias. */
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

  setLatest(kind: 'health' | 'info', members: JsonObject): void {
    for (const metric of this.#metrics.take(kind, members, false)) {
      this.#latest.set(metric.alias, metric);
    }
    if (kind === 'health' && members['connected'] === false) {
      this.#wanted = this.#isBorn ? 'death' : undefined;
    } else if (!this.#isBorn || this.#metrics.hasUnborn) {
      this.#wanted = 'birth';
    }
  }

  /** The metrics of a record, after which a birth is due where they are not all of the last one. */
  take(record: OutboxRecord, members: JsonObject, isHistorical: boolean): readonly Metric[] {
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
function partsOf(members: JsonObject): readonly JsonObject[] {
  const { predictions } = members;
  return Array.isArray(predictions) ? predictions.filter(isObject) : [members];
}

/** Each event has metrics of its own, as each output has. */
function prefixOf({ kind }: OutboxRecord, { label, event = label }: JsonObject): string {
  if (kind === 'prediction') {
    return kind;
  }
  return typeof event === 'string' ? `event/${event}` : 'event';
}
