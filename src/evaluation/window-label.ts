/** How the label of an output is found where labels change within the samples that it was computed of. */
export const labelRules = ['last', 'majority', 'unchanged'] as const;
export type LabelRule = (typeof labelRules)[number];

/** The label of a sample that has none, and of an output that is not judged. */
export const noLabel = -1;

/**
 * The labels of the newest samples of a window, and the one that the window is judged by.
 *
 * - `last`: that of the newest sample, at which the output is given.
 * - `majority`: the most frequent one; of several, the one whose sample is the newest.
 * - `unchanged`: that of all samples; none where they differ.
 */
export class WindowLabel {
  readonly #rule: LabelRule;
  readonly #ring: Int32Array;
  readonly #counts = new Map<number, number>();
  #filled = 0;
  #next = 0;
  #last = noLabel;

  /** @param window samples, at least 1 */
  constructor(rule: LabelRule, window: number) {
    this.#rule = rule;
    this.#ring = new Int32Array(rule === 'last' ? 1 : window);
  }

  /** Forgets the samples so far: a window begins. */
  reset(): void {
    this.#filled = 0;
    this.#next = 0;
    this.#last = noLabel;
    this.#counts.clear();
  }

  /** @param label a class from 0, or `noLabel` */
  push(label: number): void {
    this.#last = label;
    if (this.#rule === 'last') {
      return;
    }
    if (this.#filled === this.#ring.length) {
      this.#count(this.#ring[this.#next] ?? noLabel, -1);
    } else {
      this.#filled += 1;
    }
    this.#ring[this.#next] = label;
    this.#next = (this.#next + 1) % this.#ring.length;
    this.#count(label, 1);
  }

  /** The label of an output that is given now; `noLabel` where it is not judged. */
  get label(): number {
    switch (this.#rule) {
      case 'last':
        return this.#last;
      case 'unchanged':
        return this.#counts.get(this.#last) === this.#filled ? this.#last : noLabel;
      case 'majority':
        return this.#mostFrequent();
    }
  }

  #mostFrequent(): number {
    const most = Math.max(0, ...this.#counts.values());
    for (let back = 1; back <= this.#filled; back += 1) {
      const size = this.#ring.length;
      const label = this.#ring[(this.#next - back + size) % size] ?? noLabel;
      if (this.#counts.get(label) === most) {
        return label;
      }
    }
    return noLabel;
  }

  #count(label: number, change: number): void {
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + change);
  }
}
