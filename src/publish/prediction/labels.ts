import { LstmdError } from '../../base/errors.js';

/** One of a model's outputs, as the model has it. */
export interface HeadShape {
  readonly name: string;
  readonly size: number;
}

/** An output of the model with the names of its floats. */
export interface Head {
  readonly name: string;
  /** Index of its first float in a row. */
  readonly first: number;
  readonly labels: readonly string[];
  /** Where it is one probability: the label of a row below 0.5. */
  readonly negative: string | undefined;
}

/**
 * The names of a model's outputs, and which of them names a row of outputs.
 *
 * - Without labels the outputs are called `0`, `1` ..., and a row has no label. A model of several heads
 *   calls them by their heads: `speed`, or `activity.0`, `activity.1` ... where a head has several.
 * - With one label for each output, a row's label is that of its largest output, for each head apart.
 * - A single output may have one label, `[positive]`, or two, `[negative, positive]`: it is the
 *   probability of the positive one, and below 0.5 a row's label is the negative one, or
 *   `not <positive>`. A head of a single output among others has one label.
 */
export class Labels {
  /** The name of each output, over all heads. */
  readonly outputs: readonly string[];
  readonly heads: readonly Head[];
  readonly #given: boolean;

  /**
   * @param labels those of the configuration; undefined without any
   * @param shapes the model's outputs, which stand in a row one after the other
   * @throws LstmdError `config.invalid` when a label comes twice, or their number is another than above
   */
  constructor(labels: readonly string[] | undefined, shapes: readonly HeadShape[]) {
    this.#given = labels !== undefined;
    const outputSize = shapes.reduce((sum, { size }) => sum + size, 0);
    const names = labels ?? namesOf(shapes);
    if (new Set(names).size < names.length) {
      throw new LstmdError('config.invalid', `labels: a name comes twice in ${names.join(', ')}`);
    }
    const hasNegative = outputSize === 1 && names.length === 2;
    if (names.length !== outputSize && !hasNegative) {
      throw new LstmdError(
        'config.invalid',
        `labels: ${names.length} names for a model with ${outputSize} ${outputSize === 1 ? 'output' : 'outputs'}`,
      );
    }
    this.outputs = hasNegative ? names.slice(1) : names;
    let first = 0;
    this.heads = shapes.map(({ name, size }) => {
      const own = this.outputs.slice(first, first + size);
      const negative = hasNegative ? names[0] : `not ${own[0] ?? ''}`;
      const head = { name, first, labels: own, negative: size === 1 ? negative : undefined };
      first += size;
      return head;
    });
  }

  /** The label of a head in the row that begins at `offset` of `rows`; undefined without labels. */
  of({ first, labels, negative }: Head, rows: Float32Array, offset: number): string | undefined {
    if (!this.#given) {
      return undefined;
    }
    const at = offset + first;
    if (negative !== undefined) {
      return (rows[at] ?? 0) >= 0.5 ? labels[0] : negative;
    }
    let best = 0;
    for (let i = 1; i < labels.length; i += 1) {
      if ((rows[at + i] ?? 0) > (rows[at + best] ?? 0)) {
        best = i;
      }
    }
    return labels[best];
  }
}

function namesOf(shapes: readonly HeadShape[]): string[] {
  return shapes.flatMap(({ name, size }) => {
    const numbers = Array.from({ length: size }, (_, i) => String(i));
    if (shapes.length === 1) {
      return numbers;
    }
    return size === 1 ? [name] : numbers.map((number) => `${name}.${number}`);
  });
}
