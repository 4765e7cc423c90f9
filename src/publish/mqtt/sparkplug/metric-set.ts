import { isObject, type JsonObject } from '../../../base/json.js';
import { dataTypes, type DataType, type Metric, type MetricValue } from './payload.js';

interface KnownMetric {
  readonly alias: number;
  datatype: DataType;
  value: MetricValue;
  timestampMs: number | undefined;
}

/** The metrics of a node or of one of its devices: their names, aliases, types and last values. */
export class MetricSet {
  readonly #metrics = new Map<string, KnownMetric>();
  readonly #nextAlias: () => number;
  #hasUnborn = false;

  /** @param nextAlias gives a number that no other metric of the node has */
  constructor(nextAlias: () => number) {
    this.#nextAlias = nextAlias;
  }

  /** A metric came, or another type of one, of which the last birth does not tell. */
  get hasUnborn(): boolean {
    return this.#hasUnborn;
  }

  /**
   * Takes the members of a JSON object: each member is a metric, those of an object within it are called
   * `outer/inner`, and an array is a text. The member `ts` is the time of the others.
   *
   * @param isHistorical the last values are newer than these
   * @returns the metrics as data, by their aliases
   */
  take(prefix: string, members: JsonObject, isHistorical: boolean): Metric[] {
    const { ts } = members;
    const timestampMs = typeof ts === 'number' ? ts : undefined;
    const taken: Metric[] = [];
    this.#takeMembers(prefix, members, (name, value) => {
      const known = this.#known(name, value);
      if (!isHistorical) {
        known.value = value;
        known.timestampMs = timestampMs;
      }
      const { alias, datatype } = known;
      taken.push({ alias, timestampMs, datatype, isHistorical, value });
    });
    return taken;
  }

  /** Every metric with its name and last value. */
  birth(): Metric[] {
    return Array.from(this.#metrics, ([name, metric]) => ({ name, ...metric }));
  }

  /** The birth of now was sent. */
  born(): void {
    this.#hasUnborn = false;
  }

  #takeMembers(
    prefix: string,
    members: JsonObject,
    found: (name: string, value: MetricValue) => void,
  ): void {
    for (const [key, value] of Object.entries(members)) {
      const name = `${prefix}/${key}`;
      if (value === null || typeof value === 'boolean' || typeof value === 'string') {
        found(name, value);
      } else if (typeof value === 'number') {
        if (key !== 'ts') {
          found(name, value);
        }
      } else if (Array.isArray(value)) {
        found(name, JSON.stringify(value));
      } else if (isObject(value)) {
        this.#takeMembers(name, value, found);
      }
    }
  }

  #known(name: string, value: MetricValue): KnownMetric {
    const known = this.#metrics.get(name);
    if (known === undefined) {
      const alias = this.#nextAlias();
      const metric = { alias, datatype: typeOf(value), value: null, timestampMs: undefined };
      this.#metrics.set(name, metric);
      this.#hasUnborn = true;
      return metric;
    }
    if (value !== null && known.datatype !== typeOf(value)) {
      known.datatype = typeOf(value);
      known.value = null;
      this.#hasUnborn = true;
    }
    return known;
  }
}

/** A number is a double, for the next one may have a fraction; what is null at first will be a number. */
function typeOf(value: MetricValue): DataType {
  switch (typeof value) {
    case 'boolean':
      return dataTypes.boolean;
    case 'string':
      return dataTypes.string;
    default:
      return dataTypes.double;
  }
}
