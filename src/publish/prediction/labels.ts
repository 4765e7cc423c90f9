import { LstmdError } from '../../base/errors.js';

/**
 * The names of a model's outputs, and which of them names a row of outputs.
 *
 * - Without labels the outputs are called `0`, `1` ..., and a row has no label.
 * - With one label for each output, a row's label is that of its largest output.
 * - A single output may have one label, `[positive]`, or two, `[negative, positive]`: it is the
 *   probability of the positive one, and below 0.5 a row's label is the negative one, or
 *   `not <positive>`.
 */
export class Labels {
  /** The name of each output. */
  readonly outputs: readonly string[];
  readonly #negative: string | undefined;
  readonly #given: boolean;

  /**
   * @param labels those of the configuration; undefined without any
   * @param outputSize outputs of the model
   * @throws LstmdError `config.invalid` when a label comes twice, or their number is another than above
   */
  constructor(labels: readonly string[] | undefined, outputSize: number) {
    this.#given = labels !== undefined;
    const names = labels ?? Array.from({ length: outputSize }, (_, i) => String(i));
    if (new Set(names).size < names.length) {
      throw new LstmdError('config.invalid', `labels: a name comes twice in ${names.join(', ')}`);
    }
    if (outputSize === 1 && (names.length === 1 || names.length === 2)) {
      const positive = names.at(-1) ?? '0';
      this.outputs = [positive];
      this.#negative = names.length === 2 ? names[0] : `not ${positive}`;
    } else if (names.length === outputSize) {
      this.outputs = names;
    } else {
      throw new LstmdError(
        'config.invalid',
        `labels: ${names.length} names for a model with ${outputSize} ${outputSize === 1 ? 'output' : 'outputs'}`,
      );
    }
  }

  /** The label of the row that begins at `offset` of `rows`; undefined without labels. */
  of(rows: Float32Array, offset: number): string | undefined {
    if (!this.#given) {
      return undefined;
    }
    if (this.#negative !== undefined) {
      return (rows[offset] ?? 0) >= 0.5 ? this.outputs[0] : this.#negative;
    }
    let best = 0;
    for (let i = 1; i < this.outputs.length; i += 1) {
      if ((rows[offset + i] ?? 0) > (rows[offset + best] ?? 0)) {
        best = i;
      }
    }
    return this.outputs[best];
  }
}
