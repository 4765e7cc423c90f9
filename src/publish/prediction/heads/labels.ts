import { LstmdError } from '../../../base/errors.js';

/** One of a model's outputs, as it stands in a row. */
export interface HeadShape {
  readonly name: string;
  /** Floats of one step. */
  readonly size: number;
  /** Steps that are used, oldest first; default 1. */
  readonly steps?: number | undefined;
  /** Steps that a row has, of which the last are used; default `steps`. */
  readonly rowSteps?: number | undefined;
  /** Names of its own, where not all heads are named together. */
  readonly labels?: readonly string[] | undefined;
  /** Names of its own where the configuration gives none. */
  readonly defaults?: readonly string[] | undefined;
}

/** An output of the model with the names of its floats. */
export interface NamedHead {
  readonly name: string;
  /** Index of the first float that is used in a row. */
  readonly first: number;
  readonly steps: number;
  /** One for each float of a step. */
  readonly labels: readonly string[];
  /** True when the configuration gave these names. */
  readonly isNamed: boolean;
  /** It is the label of a row below 0.5, where the head is one probability. */
  readonly negative: string | undefined;
}

/**
 * The names of a model's outputs.
 *
 * - Without labels the outputs are called `0`, `1` ...; in a model of several heads by their heads: `speed`, or
 *   `activity.0`, `activity.1` ... where a head has several.
 * - Labels are one for each output of a step: for all heads, one head after the other, or for a head of its own.
 * - A single output may have one label, `[positive]`, or two, `[negative, positive]`: it is the probability of
 *   the positive one, and below 0.5 a row's label is the negative one, or `not <positive>`. Among others, a head
 *   that is not named for itself has one.
 */
export class Labels {
  /** The name of each output of a step, over all heads. */
  readonly outputs: readonly string[];
  readonly heads: readonly NamedHead[];

  /**
   * @param labels for all heads; undefined without any
   * @param shapes the model's outputs, which stand in a row one after the other
   * @throws LstmdError `config.invalid` when a label comes twice, or their number is another than above
   */
  constructor(labels: readonly string[] | undefined, shapes: readonly HeadShape[]) {
    const [fault] = labelFaults(labels, shapes);
    if (fault !== undefined) {
      throw fault;
    }
    const total = sizeOf(shapes);
    const isPair = total === 1 && labels?.length === 2;
    let first = 0;
    let taken = 0;
    this.heads = shapes.map((shape) => {
      const { name, size, steps = 1, rowSteps = steps } = shape;
      const given = isPair ? labels : (shape.labels ?? labels?.slice(taken, taken + size));
      const isOwnPair = size === 1 && given?.length === 2;
      const names = given ?? shape.defaults ?? defaultNames(shape, shapes.length === 1);
      const own = isOwnPair ? names.slice(1) : names;
      const negative = isOwnPair ? names[0] : `not ${own[0] ?? ''}`;
      const head = {
        name,
        first: first + (rowSteps - steps) * size,
        steps,
        labels: own,
        isNamed: given !== undefined,
        negative: size === 1 ? negative : undefined,
      };
      first += size * rowSteps;
      taken += size;
      return head;
    });
    this.outputs = this.heads.flatMap((head) => head.labels);
  }
}

/** Returns what is wrong with the names of outputs: see `Labels`. */
export function labelFaults(
  labels: readonly string[] | undefined,
  shapes: readonly HeadShape[],
): LstmdError[] {
  const faults: LstmdError[] = [];
  const named = shapes.find((shape) => shape.labels !== undefined);
  if (labels !== undefined && named !== undefined) {
    const message = `names the outputs of all heads, and model.heads.${named.name}.labels those of one: give one of the two`;
    faults.push(new LstmdError('config.invalid', message, { at: ['model', 'labels'] }));
  } else if (labels !== undefined) {
    faults.push(...namesFaults(labels, sizeOf(shapes), 'a model', ['model', 'labels']));
  }
  for (const { name, size, labels: own } of shapes) {
    if (own !== undefined) {
      const at = ['model', 'heads', name, 'labels'];
      faults.push(...namesFaults(own, size, `head "${name}"`, at));
    }
  }
  return faults;
}

/** @param size outputs that want a name; a single one may have two */
function namesFaults(
  names: readonly string[],
  size: number,
  whose: string,
  at: readonly string[],
): LstmdError[] {
  const messages: string[] = [];
  if (new Set(names).size < names.length) {
    messages.push(`a name comes twice: ${names.join(', ')}`);
  }
  if (names.length !== size && !(size === 1 && names.length === 2)) {
    messages.push(
      `${names.length} names for ${whose} with ${size} ${size === 1 ? 'output' : 'outputs'}: ${names.join(', ')}`,
    );
  }
  return messages.map((message) => new LstmdError('config.invalid', message, { at }));
}

function sizeOf(shapes: readonly HeadShape[]): number {
  return shapes.reduce((sum, { size }) => sum + size, 0);
}

function defaultNames({ name, size }: HeadShape, isOnly: boolean): string[] {
  const numbers = Array.from({ length: size }, (_, i) => String(i));
  if (isOnly) {
    return numbers;
  }
  return size === 1 ? [name] : numbers.map((number) => `${name}.${number}`);
}
