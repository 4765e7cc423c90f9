import { LstmdError } from '../../../base/errors.js';
import { noLabel } from '../../../evaluation/window-label.js';
import type { RecordedRow } from '../../../rows/row-reader.js';
import type { ClassNames } from './class-names.js';
import { labelOfFile, type LabelSource } from './label-source.js';
import { LabelTally, type LabelCount } from './label-tally.js';
import type { Labeller } from './labeller.js';

/** Gives each sample of the recordings its class. */
export class ClassLabeller implements Labeller {
  readonly columns: readonly (string | number)[];
  readonly targetCount = 0;
  readonly #source: LabelSource;
  readonly #classes: ClassNames;
  readonly #tally = new LabelTally();
  /** The class of each label of a column, so that each is looked up once. */
  readonly #known = new Map<string, number>();
  /** The label and the class of the recording, where all of its samples have the same. */
  #ofFile: { readonly label: string; readonly class: number } | undefined;
  #path = '';
  #recording = -1;
  #unlabelled = 0;

  /**
   * @throws LstmdError `usage.invalid` for several columns
   */
  constructor(source: LabelSource, classes: ClassNames) {
    this.#source = source;
    this.#classes = classes;
    this.columns = source.kind === 'column' ? source.columns : [];
    if (this.columns.length > 1) {
      throw new LstmdError(
        'usage.invalid',
        `--labels: a label stands in one column, not in ${this.columns.length}: ${this.columns.join(', ')}`,
      );
    }
  }

  /** Names each label that is none of the model's, with a file that has it. */
  check(paths: readonly string[]): void {
    if (this.#source.kind === 'column') {
      return;
    }
    const faults = new Map<string, string>();
    for (const path of paths) {
      const label = labelOfFile(path, this.#source, this.#classes.known);
      if (this.#classes.classOf(label) === undefined && !faults.has(label)) {
        faults.set(label, `${path}: ${this.#classes.faultOf(label)}`);
      }
    }
    if (faults.size > 0) {
      throw new LstmdError('sensor.input', [...faults.values()].join('\n'));
    }
  }

  begin(path: string, recording: number): void {
    this.#path = path;
    this.#recording = recording;
    this.#ofFile = undefined;
    if (this.#source.kind !== 'column') {
      const label = labelOfFile(path, this.#source, this.#classes.known);
      this.#ofFile = { label, class: this.#classes.classOf(label) ?? noLabel };
    }
  }

  label({ texts, line }: RecordedRow): number {
    const label = this.#ofFile?.label ?? texts[0]?.trim() ?? '';
    if (label === '') {
      this.#unlabelled += 1;
      return noLabel;
    }
    const found = this.#ofFile?.class ?? this.#known.get(label) ?? this.#lookUp(label, line);
    const name = this.#classes.names[found] ?? null;
    this.#tally.add(label, name, this.#recording);
    return found;
  }

  get unlabelled(): number {
    return this.#unlabelled;
  }

  counts(): LabelCount[] {
    return this.#tally.counts();
  }

  #lookUp(label: string, line: number): number {
    const found = this.#classes.classOf(label);
    if (found === undefined) {
      throw new LstmdError(
        'sensor.input',
        `${this.#path}, line ${line}: ${this.#classes.faultOf(label)}`,
      );
    }
    this.#known.set(label, found);
    return found;
  }
}
