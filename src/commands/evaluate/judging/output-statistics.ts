import { Distribution, type DistributionFigures } from '../../../evaluation/distribution.js';
import { entropyOf } from '../../../evaluation/entropy.js';
import type { HeadPlace } from './classify-judge.js';
import type { Judge } from './judge.js';

/** How the warm outputs of a mode are distributed. */
export interface OutputFigures {
  readonly outputs: readonly (DistributionFigures & { readonly name: string })[];
  /** Of each head that classifies: how undecided its rows are, 0 to 1. */
  readonly entropy: readonly (DistributionFigures & { readonly name: string })[];
}

/** A head whose rows are probabilities. */
export interface ProbabilityHead extends HeadPlace {
  readonly name: string;
}

/** Gathers the distribution of the warm outputs. */
export class OutputStatistics implements Judge {
  readonly #names: readonly string[];
  readonly #outputs: readonly Distribution[];
  readonly #heads: readonly ProbabilityHead[];
  readonly #entropies: readonly Distribution[];

  /** @param names one for each number of a row of outputs */
  constructor(names: readonly string[], heads: readonly ProbabilityHead[]) {
    this.#names = names;
    this.#outputs = names.map(() => new Distribution());
    this.#heads = heads;
    this.#entropies = heads.map(() => new Distribution());
  }

  begin(): void {}

  output(rows: Float32Array, offset: number, isWarm: boolean): void {
    if (!isWarm) {
      return;
    }
    for (const [n, distribution] of this.#outputs.entries()) {
      distribution.add(rows[offset + n] ?? Number.NaN);
    }
    for (const [n, { first, size }] of this.#heads.entries()) {
      const entropy = entropyOf(rows, offset + first, size);
      if (entropy !== null) {
        this.#entropies[n]?.add(Math.fround(entropy));
      }
    }
  }

  noOutput(): void {}

  figures(): OutputFigures {
    return {
      outputs: this.#outputs.map((each, n) => ({ name: this.#names[n] ?? '', ...each.figures() })),
      entropy: this.#entropies.map((each, n) => ({
        name: this.#heads[n]?.name ?? '',
        ...each.figures(),
      })),
    };
  }
}
