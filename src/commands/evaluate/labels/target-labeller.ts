import { LstmdError } from '../../../base/errors.js';
import { noLabel } from '../../../evaluation/window-label.js';
import type { RecordedRow } from '../../../rows/row-reader.js';
import type { LabelSource } from './label-source.js';
import type { Labeller } from './labeller.js';

/** Reads from columns the values that a model should give. */
export class TargetLabeller implements Labeller {
  readonly columns: readonly (string | number)[];
  #path = '';
  #unlabelled = 0;

  /** @throws LstmdError `usage.invalid` where there is not one column for each of the model's values */
  constructor(source: LabelSource, values: readonly string[]) {
    if (source.kind !== 'column' || source.columns.length !== values.length) {
      throw new LstmdError(
        'usage.invalid',
        `--labels: the model gives ${values.length === 1 ? 'a value' : `${values.length} values (${values.join(', ')})`}: name the column of each, as column:NAME${values.length === 1 ? '' : ',NAME'}`,
      );
    }
    this.columns = source.columns;
  }

  get targetCount(): number {
    return this.columns.length;
  }

  check(): void {}

  begin(path: string): void {
    this.#path = path;
  }

  label({ texts, line }: RecordedRow, targets: Float64Array, at: number): number {
    let isKnown = true;
    for (const [n, text] of texts.entries()) {
      const value = text.trim() === '' ? Number.NaN : Number(text.replace(',', '.'));
      if (Number.isNaN(value) && !/^\s*(nan)?\s*$/i.test(text)) {
        throw new LstmdError(
          'sensor.input',
          `${this.#path}, line ${line}: no number in column ${this.columns[n]}: "${text}"`,
        );
      }
      isKnown &&= Number.isFinite(value);
      targets[at + n] = value;
    }
    if (!isKnown) {
      this.#unlabelled += 1;
    }
    return isKnown ? 0 : noLabel;
  }

  get unlabelled(): number {
    return this.#unlabelled;
  }

  counts(): [] {
    return [];
  }
}
