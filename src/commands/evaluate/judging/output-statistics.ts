import { Distribution, type DistributionFigures } from '../../../evaluation/distribution.js';
import { entropyOf } from '../../../drift/entropy.js';
import type { HeadPlace } from './classify-judge.js';
import type { Judge, NamedNumber, Targets } from './judge.js';

/** A distribution with the name of what it is of. */
export type NamedFigures = DistributionFigures & { readonly name: string };

/** How the warm outputs of a mode are distributed. */
export interface OutputFigures {
  readonly outputs: readonly NamedFigures[];
  /** It is there for a head that classifies: how undecided its rows are, 0 to 1. */
  readonly entropy: readonly NamedFigures[];
}

/** Gathers the distribution of the warm outputs. */
export class OutputStatistics implements Judge {
  readonly #numbers: readonly NamedNumber[];
  readonly #outputs: readonly Distribution[];
  readonly #probabilities: HeadPlace | undefined;
  readonly #entropy = new Distribution();

  /** @param probabilities where the rows of a head that classifies stand; undefined for another task */
  constructor(numbers: readonly NamedNumber[], probabilities: HeadPlace | undefined) {
    this.#numbers = numbers;
    this.#outputs = numbers.map(() => new Distribution());
    this.#probabilities = probabilities;
  }

  begin(): void {}

  output(
    rows: Float32Array,
    offset: number,
    isWarm: boolean,
    _label: number,
    targets: Targets,
  ): void {
    if (!isWarm) {
      return;
    }
    for (const [n, distribution] of this.#outputs.entries()) {
      const value = this.#numbers[n]?.read(rows, offset, targets);
      if (value !== undefined) {
        distribution.add(Math.fround(value));
      }
    }
    if (this.#probabilities !== undefined) {
      const { first, size } = this.#probabilities;
      const entropy = entropyOf(rows, offset + first, size);
      if (entropy !== null) {
        this.#entropy.add(Math.fround(entropy));
      }
    }
  }

  noOutput(): void {}

  figures(): OutputFigures {
    return {
      outputs: this.#outputs.map((each, n) =>
        Object.assign({ name: this.#numbers[n]?.name ?? '' }, each.figures()),
      ),
      entropy:
        this.#probabilities === undefined ? [] : [{ name: 'entropy', ...this.#entropy.figures() }],
    };
  }
}
