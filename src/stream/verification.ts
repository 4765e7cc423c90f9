import { setImmediate } from 'node:timers/promises';
import { StepFlag, type EngineName } from '../engine/program/engine.js';
import { stateHeaderSize } from '../engine/program/program.js';
import type { WeightFormat } from '../engine/program/weight-format.js';
import { LstmdError } from '../base/errors.js';
import { expectedDifference } from '../model/plan/half-precision.js';
import type { Mode, StreamPlan } from '../model/plan/stream-plan.js';
import { caseRowOf, partError, type RowPart } from './case-row.js';
import { openStream } from './model-stream.js';
import type { ExpectedOutputs, VerifyCase } from './verify-case.js';

/** The difference between this machine and Keras, in one mode with one engine. */
export interface VerifyResult {
  readonly mode: Mode;
  readonly engine: EngineName;
  readonly target: string;
  /** How large matrices were kept. */
  readonly weights: WeightFormat;
  readonly ok: boolean;
  /** Rows compared. */
  readonly rows: number;
  readonly largestError: number;
  /** Largest error of an output that is allowed: that of the case, or what 16 bits of Keras cost where that is more. */
  readonly tolerance: number;
  /** The number with the largest error, such as `row 12, output 0`, or the one that is missing. */
  readonly where: string;
}

/** Samples, and time, after which the event loop has its turn, for a signal to be heard. */
const sliceSamples = 256;
const sliceMs = 50;

/**
 * Steps the samples of a case and compares every output, and in `continuous` every state after the
 * last sample, with those in the case.
 *
 * @param plan loaded with the window and the constants of the case, where it has them
 * @param options.engine default `auto`
 * @returns how far off it is; what is too far is told by `ok`, and nothing is thrown
 * @throws LstmdError as `openStream` does, and `usage.invalid` when the case has nothing for the mode, or rows of another
 *   shape than the model's
 */
export async function verifyCase(
  plan: StreamPlan,
  known: VerifyCase,
  options: {
    readonly mode: Mode;
    readonly engine?: 'auto' | EngineName;
    readonly weights?: WeightFormat;
    /** Ends the stepping; what is thrown then is its reason. */
    readonly signal?: AbortSignal | undefined;
  },
): Promise<VerifyResult> {
  const { mode, signal } = options;
  const expected = known.expected.get(mode);
  if (expected === undefined) {
    throw new LstmdError('usage.invalid', `the case has no outputs for mode ${mode}`);
  }
  const stream = await openStream(plan, { ...options, stride: expected.stride });
  const { stepper, program, engine, target } = stream;
  const parts = checkShapes(plan, known, mode, expected);
  const { tolerance, stateTolerance } = tolerancesOf(plan, known, expected);
  const worst = new WorstError();
  let rows = 0;
  let sliceStartMs = performance.now();
  for (const [sample, input] of known.input.entries()) {
    if (sample % sliceSamples === 0 || performance.now() - sliceStartMs > sliceMs) {
      await setImmediate();
      signal?.throwIfAborted();
      sliceStartMs = performance.now();
    }
    const row = stepper.push(input);
    const isDue = mode !== 'sliding' || (stepper.flags & StepFlag.output) !== 0;
    if (!isDue) {
      continue;
    }
    const wanted = expected.outputs[rows];
    rows += 1;
    if (wanted === undefined || wanted.every((value) => value === null)) {
      continue;
    }
    for (const part of parts) {
      const [error, output] = row === null ? [Infinity, 0] : partError(part, wanted, row);
      worst.add(error / tolerance, error, `sample ${sample}, output ${output}`);
    }
  }
  if (rows !== expected.outputs.length) {
    worst.add(Infinity, Infinity, `${rows} rows came, ${expected.outputs.length} are in the case`);
  }
  for (const [layer, tensors] of expected.states) {
    const held = plan.state.filter((tensor) => tensor.layer === layer);
    for (const [index, values] of tensors.entries()) {
      const offset = stateHeaderSize + (held[index]?.offset ?? Number.NaN);
      for (const [unit, value] of values.entries()) {
        const error = Math.abs((stepper.state[offset + unit] ?? Number.NaN) - value);
        worst.add(error / stateTolerance, error, `state ${index} of ${layer}, unit ${unit}`);
      }
    }
  }
  return {
    mode,
    engine,
    target,
    weights: program.weights,
    ok: worst.ratio <= 1,
    rows,
    largestError: worst.error,
    tolerance,
    where: worst.where,
  };
}

/** The tolerances of a case; where Keras computed in 16 bits, at least what that costs at the size of its outputs. */
function tolerancesOf(
  { halfPrecision }: StreamPlan,
  known: VerifyCase,
  { outputs, states }: ExpectedOutputs,
): Pick<VerifyCase, 'tolerance' | 'stateTolerance'> {
  const difference = expectedDifference(halfPrecision);
  return {
    tolerance: Math.max(known.tolerance, difference * largestOf(outputs)),
    stateTolerance: Math.max(
      known.stateTolerance,
      difference * largestOf([...states.values()].flat()),
    ),
  };
}

/** The largest number of some rows in size, at least 1. */
function largestOf(rows: readonly (readonly (number | null)[])[]): number {
  let largest = 1;
  for (const row of rows) {
    for (const value of row) {
      largest = Math.max(largest, Math.abs(value ?? 0));
    }
  }
  return largest;
}

/**
 * A case that has less in it than the model gives would be called ok for what it leaves out.
 *
 * @returns where the outputs are in a row
 * @throws LstmdError `usage.invalid` naming the row
 */
function checkShapes(
  plan: StreamPlan,
  known: VerifyCase,
  mode: Mode,
  { outputs, states }: ExpectedOutputs,
): readonly RowPart[] {
  for (const [n, { length }] of known.input.entries()) {
    if (length !== plan.features) {
      throw fail(`input row ${n} has ${length} numbers, the model takes ${plan.features} features`);
    }
  }
  const size = plan.outputs.reduce((sum, output) => sum + output.size, 0);
  const names = plan.outputs.map((output) => `${output.name} ${output.size}`).join(', ');
  const given = outputs[0]?.length ?? size;
  const form = caseRowOf(plan, given);
  const isKnown = form !== undefined && (mode === 'sliding' || !form.isWhole);
  const wanted = isKnown ? given : size;
  for (const [n, { length }] of outputs.entries()) {
    if (length !== wanted) {
      throw fail(
        `row ${n} of ${mode}.outputs has ${length} numbers, a row of the model ${size} (${names})`,
      );
    }
  }
  if (outputs.every((row) => row.every((value) => value === null)) && states.size === 0) {
    throw fail(`${mode}.outputs has nothing to compare with`);
  }
  for (const [layer, tensors] of states) {
    const held = plan.state.filter((tensor) => tensor.layer === layer);
    for (const [index, { length }] of tensors.entries()) {
      if (length !== held[index]?.size) {
        throw fail(
          `state ${index} of ${layer} has ${length} numbers, the model's ${held[index]?.size ?? 'has none'}`,
        );
      }
    }
  }
  return form?.parts ?? [];
}

function fail(what: string): LstmdError {
  return new LstmdError('usage.invalid', `the case does not fit the model: ${what}`);
}

/** Keeps the error that is largest in proportion to its tolerance; NaN counts as infinitely large. */
class WorstError {
  ratio = 0;
  error = 0;
  where = '';

  add(ratio: number, error: number, where: string): void {
    if (ratio <= this.ratio) {
      return;
    }
    this.ratio = Number.isNaN(ratio) ? Infinity : ratio;
    this.error = error;
    this.where = where;
  }
}
