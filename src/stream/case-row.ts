import type { StreamPlan } from '../model/plan/stream-plan.js';

/** An output's numbers in a row of a case, and in a row of the stream. */
export interface RowPart {
  readonly caseAt: number;
  readonly rowAt: number;
  /** Numbers in a row of the stream. */
  readonly size: number;
  /** True where the case has the number of a class, and the stream the score of each. */
  readonly isClass: boolean;
}

/** Says which numbers of the outputs a row of a case has. */
export interface CaseRow {
  readonly parts: readonly RowPart[];
  /** True where it has every step of the window, of which the last one is compared. */
  readonly isWhole: boolean;
}

/**
 * Tells by the length of a row what it has: the outputs as the stream gives them, or, of a whole window, all steps of
 * those with a time axis; of an output that is the number of a class in the file, that number or the scores.
 *
 * @returns undefined where no reading has this length
 */
export function caseRowOf(
  { outputs, classOutputs = [], window }: StreamPlan,
  length: number,
): CaseRow | undefined {
  for (const isWhole of [false, true]) {
    for (const ofClasses of [[], classOutputs]) {
      const parts: RowPart[] = [];
      let caseAt = 0;
      let rowAt = 0;
      for (const { name, size, shape } of outputs) {
        const isClass = ofClasses.includes(name);
        const whole = shape.reduce<number>((all, axis) => all * (axis ?? window ?? 1), 1);
        const unit = isClass ? 1 : size;
        const before = isWhole ? (whole / size - 1) * unit : 0;
        parts.push({ caseAt: caseAt + before, rowAt, size, isClass });
        caseAt += before + unit;
        rowAt += size;
      }
      if (caseAt === length) {
        return { parts, isWhole };
      }
    }
  }
  return undefined;
}

/**
 * The largest error of a part: of a class, what its score lacks to the best one, so that either of two that are as
 * good may be the case's.
 *
 * @param wanted a row of the case; null is not compared
 * @param row of the stream
 * @returns the error and the number of the output that has it
 */
export function partError(
  { caseAt, rowAt, size, isClass }: RowPart,
  wanted: readonly (number | null)[],
  row: Float32Array,
): readonly [error: number, output: number] {
  let worst: readonly [number, number] = [0, rowAt];
  if (isClass) {
    const known = wanted[caseAt] ?? null;
    const best = Math.max(...row.subarray(rowAt, rowAt + size));
    return known === null
      ? worst
      : [best - (classScore(row, rowAt, size, known) ?? -Infinity), rowAt];
  }
  for (let i = 0; i < size; i += 1) {
    const known = wanted[caseAt + i] ?? null;
    if (known !== null) {
      const error = Math.abs((row[rowAt + i] ?? Number.NaN) - known);
      if (Number.isNaN(error)) {
        return [error, rowAt + i];
      }
      if (error > worst[0]) {
        worst = [error, rowAt + i];
      }
    }
  }
  return worst;
}

function classScore(row: Float32Array, at: number, size: number, known: number) {
  return known >= 0 && known < size ? row[at + known] : undefined;
}
