import { BinCounts } from './bin-counts.js';
import type { ReferenceDistribution } from './reference.js';

export type NumberKind = 'feature' | 'output' | 'entropy';

/** A number is expected to be as on good recordings, or no more is known than its mean and deviation in the training. */
export type Expectation =
  | ReferenceDistribution
  | { readonly mean: number; readonly deviation: number };

/** A number over one window, beside what is expected of it. */
export interface DriftFigures {
  readonly kind: NumberKind;
  readonly name: string;
  readonly mean: number;
  /** The share outside of what is expected; null where nothing is. */
  readonly outOfRange: number | null;
  /** The population stability index; null without a reference distribution. */
  readonly stabilityIndex: number | null;
}

/** So many deviations from the mean are out of range, where no more is known: 1 in 16,000 of a normal distribution. */
const mostDeviations = 4;

/** A feature or an output that is compared with what is expected of it. */
export class WatchedNumber {
  readonly kind: NumberKind;
  readonly name: string;
  readonly #expected: Expectation | undefined;
  readonly #bins: BinCounts | undefined;
  #sum = 0;
  #count = 0;
  #outside = 0;

  /** @param expected undefined where nothing tells: then only the mean is known */
  constructor(kind: NumberKind, name: string, expected: Expectation | undefined) {
    this.kind = kind;
    this.name = name;
    this.#expected = expected;
    this.#bins = expected && 'edges' in expected ? new BinCounts(expected) : undefined;
  }

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
    this.#bins?.add(value);
    const expected = this.#expected;
    if (expected !== undefined && 'mean' in expected) {
      const distance = Math.abs(value - expected.mean);
      this.#outside += distance > mostDeviations * expected.deviation ? 1 : 0;
    }
  }

  /** The figures since the last call; undefined where no number came. */
  take(): DriftFigures | undefined {
    if (this.#count === 0) {
      return undefined;
    }
    const bins = this.#bins;
    const outOfRange = bins?.outOfRange ?? this.#outside / this.#count;
    const figures = {
      kind: this.kind,
      name: this.name,
      mean: rounded(this.#sum / this.#count),
      outOfRange: this.#expected === undefined ? null : rounded(outOfRange),
      stabilityIndex: bins === undefined ? null : rounded(bins.stabilityIndex),
    };
    this.#sum = 0;
    this.#count = 0;
    this.#outside = 0;
    bins?.reset();
    return figures;
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
