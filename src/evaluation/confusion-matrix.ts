import { meanOfKnown } from './mean.js';

/** How well one class is told from the others; null where there is nothing to divide by. */
export interface ClassFigures {
  /** Outputs whose label is this class. */
  readonly support: number;
  /** Outputs that the model calls so. */
  readonly predicted: number;
  /** Share of what is called so that is so. */
  readonly precision: number | null;
  /** Share of what is so that is called so. */
  readonly recall: number | null;
  readonly f1: number | null;
}

/** Counts of outputs by the class that their label names and the one that the model gives. */
export class ConfusionMatrix {
  readonly classes: number;
  /** Row: the label; column: what the model calls it. */
  readonly #counts: Float64Array;

  constructor(classes: number) {
    this.classes = classes;
    this.#counts = new Float64Array(classes * classes);
  }

  add(label: number, predicted: number): void {
    const at = label * this.classes + predicted;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** Adds what another of the same classes has counted. */
  addAll(other: ConfusionMatrix): void {
    for (const [at, count] of other.#counts.entries()) {
      this.#counts[at] = (this.#counts[at] ?? 0) + count;
    }
  }

  count(label: number, predicted: number): number {
    return this.#counts[label * this.classes + predicted] ?? 0;
  }

  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** One row for each label, of the counts by what the model calls it. */
  rows(): number[][] {
    return this.#each((label) => this.#each((predicted) => this.count(label, predicted)));
  }

  figures(): ClassFigures[] {
    return this.#each((index) => {
      const right = this.count(index, index);
      const support = this.#sum((other) => this.count(index, other));
      const predicted = this.#sum((other) => this.count(other, index));
      return {
        support,
        predicted,
        precision: ratio(right, predicted),
        recall: ratio(right, support),
        f1: ratio(2 * right, support + predicted),
      };
    });
  }

  /** Share of outputs that are right; null without any. */
  get accuracy(): number | null {
    return ratio(
      this.#sum((index) => this.count(index, index)),
      this.total,
    );
  }

  /** Mean recall of the classes that occur, so that a rare class weighs as much as a frequent one. */
  get balancedAccuracy(): number | null {
    return meanOfKnown(this.figures().map(({ recall }) => recall));
  }

  /** Mean F1 of the classes that occur or are predicted. */
  get macroF1(): number | null {
    return meanOfKnown(this.figures().map(({ f1 }) => f1));
  }

  /**
   * Matthews' correlation of labels and predictions, for any number of classes (Gorodkin 2004): 1 where all
   * is right, 0 where they have nothing in common, which holds for constant ones too.
   */
  get correlation(): number | null {
    const { total } = this;
    if (total === 0) {
      return null;
    }
    const figures = this.figures();
    const right = this.#sum((index) => this.count(index, index));
    const both = figures.reduce((sum, { support, predicted }) => sum + support * predicted, 0);
    const ofLabels = figures.reduce((sum, { support }) => sum + support ** 2, 0);
    const ofPredictions = figures.reduce((sum, { predicted }) => sum + predicted ** 2, 0);
    const spread = Math.sqrt((total ** 2 - ofLabels) * (total ** 2 - ofPredictions));
    return spread === 0 ? 0 : (right * total - both) / spread;
  }

  #each<T>(of: (index: number) => T): T[] {
    return Array.from({ length: this.classes }, (_, index) => of(index));
  }

  #sum(of: (index: number) => number): number {
    return this.#each(of).reduce((sum, count) => sum + count, 0);
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
