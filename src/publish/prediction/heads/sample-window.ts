/**
 * The newest samples as the model saw them, oldest first in one piece: each is written twice, a length apart, so
 * that any run of them up to the newest stands somewhere without a break.
 */
export class SampleWindow {
  readonly features: number;
  /** Samples that are kept. */
  readonly length: number;
  /** Read from `start(steps)` on. */
  readonly values: Float32Array;
  #newest: number;

  constructor(features: number, length: number) {
    this.features = features;
    this.length = length;
    this.values = new Float32Array(2 * features * length);
    this.#newest = length - 1;
  }

  /** Takes a sample, whose features begin at `offset`. */
  push(values: Float32Array, offset: number): void {
    const { features, length } = this;
    this.#newest = this.#newest === length - 1 ? 0 : this.#newest + 1;
    let at = this.#newest * features;
    const again = length * features;
    for (let i = 0; i < features; i += 1) {
      const value = values[offset + i] ?? 0;
      this.values[at] = value;
      this.values[at + again] = value;
      at += 1;
    }
  }

  /** Takes samples that follow each other, oldest first; of more than it keeps the last. */
  restore(samples: Float32Array): void {
    for (let at = 0; at + this.features <= samples.length; at += this.features) {
      this.push(samples, at);
    }
  }

  /** Returns where in `values` the oldest of the last `steps` samples begins. */
  start(steps: number): number {
    return (this.#newest + this.length - steps + 1) * this.features;
  }
}
