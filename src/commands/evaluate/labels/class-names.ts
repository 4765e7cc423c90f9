import { LstmdError } from '../../../base/errors.js';
import { noLabel } from '../../../evaluation/window-label.js';

/** Holds what the labels of recordings are to a model. */
export interface ClassOptions {
  /** Names of the head's outputs, in order; undefined where nobody gave them. */
  readonly names: readonly string[] | undefined;
  /** The label that an alarm is for. */
  readonly positive: string | undefined;
  /** The label of which alone there is no alarm, of a score. */
  readonly normal?: string | undefined;
  /** Labels that are counted as others. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Labels that are not judged. */
  readonly ignored: readonly string[];
}

/** The classes of a head that classifies, and which of them a label names. */
export class ClassNames {
  /** A single output has two: the negative, and the positive whose probability it is. */
  readonly names: readonly string[];
  /** The classes that have a curve of their own: of a single output, or with a positive, one. */
  readonly positives: readonly number[];
  /** The class of each label that has no other; undefined where such a label is none of the model's. */
  readonly #rest: 0 | 1 | undefined;
  readonly #options: ClassOptions;

  /**
   * @param size outputs of the head
   * @throws LstmdError `usage.invalid` where names do not fit the head
   */
  constructor(size: number, options: ClassOptions) {
    const { names, positive, normal } = options;
    this.#options = options;
    this.#rest = size > 1 || names?.length === 2 ? undefined : normal === undefined ? 0 : 1;
    this.names =
      size > 1
        ? manyOf(size, names)
        : normal === undefined
          ? twoOf(names, positive)
          : [normal, `not ${normal}`];
    const isOwn = (name: string) => this.names.includes(name);
    if (positive !== undefined && !isOwn(positive)) {
      throw fail(`--positive ${positive} is no class of the model: ${this.names.join(', ')}`);
    }
    for (const [label, name] of options.renamed) {
      if (!isOwn(name)) {
        throw fail(`--map ${label}=${name}: ${name} is no class: ${this.names.join(', ')}`);
      }
    }
    this.positives =
      size === 1
        ? [1]
        : positive === undefined
          ? [...this.names.keys()]
          : [this.names.indexOf(positive)];
  }

  /** Every label that has a meaning. */
  get known(): string[] {
    const { renamed, ignored } = this.#options;
    return [...this.names, ...renamed.keys(), ...ignored];
  }

  /** Returns whether a label is one that is not judged. */
  isIgnored(label: string): boolean {
    return this.#options.ignored.includes(label);
  }

  /** The class that a label names; `noLabel` for one that is not judged; undefined where it names none. */
  classOf(label: string): number | undefined {
    if (this.isIgnored(label)) {
      return noLabel;
    }
    const at = this.names.indexOf(this.#options.renamed.get(label) ?? label);
    return at >= 0 ? at : this.#rest;
  }

  /** The fault of a label that names no class, and the way out. */
  faultOf(label: string): string {
    return `the label "${label}" is none of the model's: ${this.names.join(', ')}; --map ${label}=CLASS counts it as one of these, --ignore ${label} leaves it out`;
  }
}

function twoOf(names: readonly string[] | undefined, positive: string | undefined) {
  if (names !== undefined && names.length > 2) {
    throw fail(
      `--classes: ${names.length} names for a model of one output: [positive] or [negative, positive]`,
    );
  }
  const name = names?.at(-1) ?? positive;
  if (name === undefined) {
    throw fail(
      'the model has one output, a probability: say of which label with --positive LABEL, or with --classes NEGATIVE,POSITIVE',
    );
  }
  return [names?.length === 2 ? (names[0] ?? '') : `not ${name}`, name];
}

function manyOf(size: number, names: readonly string[] | undefined) {
  const found = names ?? Array.from({ length: size }, (_, n) => String(n));
  if (found.length !== size) {
    throw fail(`--classes: ${found.length} names for a model of ${size} outputs`);
  }
  const twice = found.find((name, n) => found.indexOf(name) !== n);
  if (twice !== undefined) {
    throw fail(`--classes: the name ${twice} comes twice`);
  }
  return found;
}

function fail(message: string): LstmdError {
  return new LstmdError('usage.invalid', message);
}
