import type { RecordedRow } from '../../../rows/row-reader.js';
import type { LabelCount } from './label-tally.js';

/** Says of each row what the model should give for it. */
export interface Labeller {
  /** The columns that a row is read with. */
  readonly columns: readonly (string | number)[];
  /** Values that the model should give. */
  readonly targetCount: number;
  /**
   * Looks at what files tell as a whole, before any is read.
   *
   * @throws LstmdError `sensor.input` naming the files that do not fit
   */
  check(paths: readonly string[]): void;
  begin(path: string, recording: number): void;
  /**
   * The class of a row, from 0; `noLabel` where it is not judged.
   *
   * @param targets takes the values that the model should give, from `at` on
   * @throws LstmdError `sensor.input` naming the line of a label that is none of the model's
   */
  label(row: RecordedRow, targets: Float64Array, at: number): number;
  /** Samples without a label. */
  readonly unlabelled: number;
  counts(): LabelCount[];
}

/** For recordings of which nobody said what they are: each row has the same class, or `noLabel`. */
export function withoutLabels(label: number): Labeller {
  return {
    columns: [],
    targetCount: 0,
    check: () => {},
    begin: () => {},
    label: () => label,
    unlabelled: 0,
    counts: () => [],
  };
}
