import { LstmdError } from '../base/errors.js';
import { isObject } from '../base/json.js';
import { readJsonObject } from '../base/json-file.js';
import { modes, type Mode } from '../model/plan/stream-plan.js';

/** Outputs that Keras, or whatever made the model, gave in one mode. */
export interface ExpectedOutputs {
  /** One row for each output in order; an entry of null is not compared. */
  readonly outputs: readonly (readonly (number | null)[])[];
  /** Samples from one row to the next in `sliding`; 1 elsewhere. */
  readonly stride: number;
  /** h (and c) of each recurrent layer after the last sample, by layer name. */
  readonly states: ReadonlyMap<string, readonly (readonly number[])[]>;
}

/** Samples and the outputs that Keras gave for them: the content of a `case.json`. */
export interface VerifyCase {
  readonly input: readonly (readonly number[])[];
  /** Steps of a window, for a model that takes any number; undefined where the case does not say. */
  readonly window: number | undefined;
  /** Numbers of the model's inputs without a time axis; undefined where the case does not say. */
  readonly constants?: Readonly<Record<string, readonly number[]>> | undefined;
  readonly expected: ReadonlyMap<Mode, ExpectedOutputs>;
  /** Largest absolute error of an output. */
  readonly tolerance: number;
  /** Largest absolute error of a float of the state. */
  readonly stateTolerance: number;
}

const defaultTolerance = 1e-5;

/**
 * Reads a case, a JSON object with
 *
 * - `input`: rows of samples, (samples, features);
 * - for one mode or more, by its name, `outputs`: (rows, outputs), null where a number is not to be compared; with
 *   `stride` in `sliding`, and in `continuous` `states`: h (and c) of each recurrent layer by its name;
 * - `tolerance`, 1e-5 unless given, and `state_tolerance`, the same unless given;
 * - `window` for a model that takes any number of steps, and `constants` for inputs without a time axis: whoever loads the
 *   model gives it these.
 *
 * @throws LstmdError `usage.invalid` naming the file and the key that does not fit
 */
export async function readCase(path: string): Promise<VerifyCase> {
  const fail = (what: string, cause?: unknown) =>
    new LstmdError('usage.invalid', `${path}: ${what}`, { cause });
  const raw = await readJsonObject(path, 'case', fail);
  const { input, window, constants } = raw;
  if (constants !== undefined && !isConstants(constants)) {
    throw fail('constants: must be rows of numbers by the names of inputs');
  }
  if (window !== undefined && window !== null && !isCount(window)) {
    throw fail('window: must be a whole number above zero');
  }
  if (!isRows(input) || input.length === 0 || input.some((row) => row.includes(null))) {
    throw fail('input: must be rows of numbers');
  }
  const expected = new Map<Mode, ExpectedOutputs>();
  for (const mode of modes) {
    const part = raw[mode];
    if (!isObject(part)) {
      continue;
    }
    const { outputs, stride = 1 } = part;
    if (!isRows(outputs)) {
      throw fail(`${mode}.outputs: must be rows of numbers or null`);
    }
    if (!isCount(stride)) {
      throw fail(`${mode}.stride: must be a whole number above zero`);
    }
    const states = new Map<string, number[][]>();
    for (const [layer, tensors] of Object.entries(isObject(part['states']) ? part['states'] : {})) {
      if (!isRows(tensors)) {
        throw fail(`${mode}.states.${layer}: must be rows of numbers`);
      }
      states.set(
        layer,
        tensors.map((tensor) => tensor.map((value) => value ?? Number.NaN)),
      );
    }
    expected.set(mode, { outputs, stride, states });
  }
  if (expected.size === 0) {
    throw fail(`has none of ${modes.join(', ')}`);
  }
  const { tolerance = defaultTolerance, state_tolerance: stateTolerance = tolerance } = raw;
  if (typeof tolerance !== 'number' || typeof stateTolerance !== 'number') {
    throw fail('tolerance: must be a number');
  }
  return {
    input: input.map((row) => row.map(Number)),
    window: window ?? undefined,
    constants,
    expected,
    tolerance,
    stateTolerance,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isConstants(value: unknown): value is Record<string, number[]> {
  return (
    isObject(value) &&
    isRows(Object.values(value)) &&
    !Object.values(value).some((row) => Array.isArray(row) && row.includes(null))
  );
}

function isRows(value: unknown): value is (number | null)[][] {
  return (
    Array.isArray(value) &&
    value.every(
      (row) =>
        Array.isArray(row) && row.every((entry) => entry === null || typeof entry === 'number'),
    )
  );
}
