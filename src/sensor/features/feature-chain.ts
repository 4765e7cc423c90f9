import { withoutSign } from '../../config/feature-names.js';
import type { FeatureStepOptions } from '../../config/feature-steps.js';
import { Difference } from './difference.js';
import type { FeatureStep } from './feature-step.js';
import { butterworth, FirstOrderFilter, smoothing } from './first-order-filter.js';
import { Affine, Clip, Magnitude, Standardization, Turn } from './pointwise.js';

export interface FeatureChainOptions {
  /** Names of the readings of a sample, in their order. */
  readonly axes: readonly string[];
  /** Factor of each reading before the first step: that of its units times `features.scale`. */
  readonly factors: readonly number[];
  /** In the order of the training; each fits the names before it, see `featureNames`. */
  readonly steps: readonly FeatureStepOptions[];
  /** Subtracted after the last step, and the divisor after that: one for all features or one for each. */
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
  /** Samples a second. */
  readonly rateHz: number;
}

/**
 * Makes features of readings by steps that were configured, in float64, rounded once to float32. Filters and
 * differences remember samples; `reset` has them begin anew.
 */
export class FeatureChain {
  /** Names of the features, in their order. */
  readonly names: readonly string[];
  /** Features of the next so many samples bear on what was assumed to be before the first. */
  unsettledSamples: number;

  readonly #axes: number;
  readonly #steps: FeatureStep[] = [];
  /** The place of each feature. */
  readonly #places: readonly number[];
  readonly #row: Float64Array;
  readonly #settleSamples: number;

  constructor({ axes, factors, steps, mean, std, rateHz }: FeatureChainOptions) {
    const places = new Places(axes);
    this.#axes = axes.length;
    this.#steps.push(new Affine(places.of(axes), factors));
    for (const step of steps) {
      this.#steps.push(...made(step, places, rateHz));
    }
    this.names = places.names;
    this.#places = places.of(places.names);
    this.#steps.push(
      new Standardization(this.#places, each(mean, this.names), each(std, this.names)),
    );
    this.#row = new Float64Array(places.count);
    this.#settleSamples = Math.max(...this.#steps.map((step) => step.settleSamples));
    this.unsettledSamples = this.#settleSamples;
  }

  /**
   * Writes the features of one sample.
   *
   * @returns false when one of them is not finite: what was written is not to be used, and all samples are forgotten
   */
  apply(readings: Float32Array, offset: number, out: Float32Array, outOffset: number): boolean {
    const row = this.#row;
    for (let axis = 0; axis < this.#axes; axis += 1) {
      row[axis] = readings[offset + axis] ?? Number.NaN;
    }
    for (const step of this.#steps) {
      step.apply(row);
    }
    let isGood = true;
    for (let feature = 0; feature < this.#places.length; feature += 1) {
      const value = Math.fround(row[this.#places[feature] ?? 0] ?? Number.NaN);
      isGood &&= Number.isFinite(value);
      out[outOffset + feature] = value;
    }
    if (!isGood) {
      this.reset();
      return false;
    }
    this.unsettledSamples = Math.max(0, this.unsettledSamples - 1);
    return true;
  }

  /** Forgets all samples: the next is as the first. */
  reset(): void {
    for (const step of this.#steps) {
      step.reset();
    }
    this.unsettledSamples = this.#settleSamples;
  }
}

/** Knows which values there are at a step, by name, and the place of each. */
class Places {
  names: readonly string[];
  /** Places that were ever given. */
  count: number;
  readonly #places: Map<string, number>;

  constructor(names: readonly string[]) {
    this.names = names;
    this.count = names.length;
    this.#places = new Map(names.map((name, place) => [name, place]));
  }

  of(names: readonly string[]): number[] {
    return names.map((name) => {
      const place = this.#places.get(name);
      if (place === undefined) {
        throw new Error(`there is no feature ${name}`);
      }
      return place;
    });
  }

  add(names: readonly string[]): number[] {
    for (const name of names) {
      this.#places.set(name, this.count);
      this.count += 1;
    }
    this.names = [...this.names, ...names];
    return this.of(names);
  }

  choose(names: readonly string[]): void {
    const places = this.of(names);
    this.#places.clear();
    for (const [index, name] of names.entries()) {
      this.#places.set(name, places[index] ?? 0);
    }
    this.names = names;
  }
}

function made(step: FeatureStepOptions, places: Places, rateHz: number): FeatureStep[] {
  if (step.step === 'axes') {
    const negative = step.order.filter((name) => name.startsWith('-')).map(withoutSign);
    const turned = places.of(negative);
    places.choose(step.order.map(withoutSign));
    return turned.length === 0 ? [] : [new Affine(turned, each(-1, turned))];
  }
  const names = step.axes ?? places.names;
  const from = places.of(names);
  switch (step.step) {
    case 'turn':
      return [new Turn(from, step.matrix)];
    case 'scale':
      return [new Affine(from, each(step.by, from))];
    case 'standardize':
      return [new Standardization(from, each(step.mean, from), each(step.std, from))];
    case 'highPass':
    case 'lowPass': {
      const to = step.as === undefined ? from : places.add(step.as);
      const filter =
        step.alpha === undefined
          ? butterworth(step.step, step.cutoffHz ?? 0, rateHz)
          : smoothing(step.step, step.alpha);
      return [new FirstOrderFilter(from, to, filter, step.start)];
    }
    case 'difference':
      return [new Difference(from, step.as === undefined ? from : places.add(step.as))];
    case 'magnitude': {
      const [to = 0] = places.add([step.as]);
      return [new Magnitude(from, to)];
    }
    case 'clip':
      return [new Clip(from, step.min, step.max)];
  }
}

/** One number for all as one for each. */
function each(value: number | readonly number[], of: readonly unknown[]): readonly number[] {
  return typeof value === 'number' ? of.map(() => value) : value;
}
