/** Options that say in which field of a line each axis stands, counted from 0, the tag of a sentence included. */
export interface CountedFields {
  readonly columns: readonly number[];
  readonly decimal: 'point';
  readonly timeColumn?: number;
}

/** Options that say where each axis stands. */
export type AxisPlaces = CountedFields | { readonly paths: readonly string[] };

/** A way in which bytes may be read: what a `sensor` section would say of them. */
export interface Candidate {
  readonly decoder: string;
  readonly axes: readonly string[];
  /** Options of the decoder. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Beside `options` where only some of the axes are read; undefined where these say it already. */
  readonly places?: AxisPlaces | undefined;
  /** The most confidence that rows of this kind can earn, from 0 to 1: below 0.5 where other things look the same. */
  readonly mostConfidence: number;
  /** True when numbers alone say what they are: then gravity among them has to confirm it. */
  readonly isUnnamed: boolean;
  /** True when it is nothing without gravity: one choice of several among the columns. */
  readonly needsGravity?: boolean;
  /** How good rows are told from chance. */
  readonly evidence: 'lines' | 'frames' | 'checkedFrames';
  /** Holds what a person must know who uses it: guesses, and what was left out. */
  readonly notes: readonly string[];
}

/** Names of axes where nothing names them. */
export function guessedNames(count: number): string[] {
  if (count === 3) {
    return ['x', 'y', 'z'];
  }
  return count === 6
    ? ['ax', 'ay', 'az', 'gx', 'gy', 'gz']
    : Array.from({ length: count }, (_, n) => `value${n + 1}`);
}
