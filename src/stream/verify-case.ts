import { readFile } from 'node:fs/promises';
import { LstmdError, messageOf } from '../base/errors.js';
import { modes, type Mode } from '../model/plan/stream-plan.js';

/** Outputs that Keras gave in one mode. */
export interface ExpectedOutputs {
  /** A row an output, in order; an entry of null is not judged. */
  readonly outputs: readonly (readonly (number | null)[])[];
  /** Samples between rows, in sliding. */
  readonly stride: number;
  /** h (and c) of each recurrent layer after the last sample, by layer name. */
  readonly states: ReadonlyMap<string, readonly (readonly number[])[]>;
}

/** Samples, and what Keras made of them: `case.json`. */
export interface VerifyCase {
  readonly input: readonly (readonly number[])[];
  readonly expected: ReadonlyMap<Mode, ExpectedOutputs>;
  /** Absolute, on outputs. */
  readonly tolerance: number;
  /** Absolute, on states. */
  readonly stateTolerance: number;
}

const defaultTolerance = 1e-5;

/**
 * Reads a case: `input` (N rows), and for each mode it judges an object with `outputs`; `sliding`
 * also `stride`, `continuous` also `states`. `tolerance` is 1e-5 unless given.
 *
 * @throws LstmdError `usage.invalid` naming the file and the key that does not fit
 */
export async function readCase(path: string): Promise<VerifyCase> {
  const fail = (what: string, cause?: unknown) =>
    new LstmdError('usage.invalid', `${path}: ${what}`, { cause });
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw fail(`is no case: ${messageOf(cause)}`, cause);
  }
  const about = asObject(raw);
  if (about === undefined) {
    throw fail('is no case: a JSON object is expected');
  }
  const { input } = about;
  if (!isRows(input) || input.some((row) => row.includes(null))) {
    throw fail('input: must be rows of numbers');
  }
  const expected = new Map<Mode, ExpectedOutputs>();
  for (const mode of modes) {
    const part = asObject(about[mode]);
    if (part === undefined) {
      continue;
    }
    const { outputs, stride = 1 } = part;
    if (!isRows(outputs)) {
      throw fail(`${mode}.outputs: must be rows of numbers or null`);
    }
    if (typeof stride !== 'number') {
      throw fail(`${mode}.stride: must be a number`);
    }
    const states = new Map<string, number[][]>();
    for (const [layer, tensors] of Object.entries(asObject(part['states']) ?? {})) {
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
  const { tolerance = defaultTolerance, state_tolerance: stateTolerance = tolerance } = about;
  if (typeof tolerance !== 'number' || typeof stateTolerance !== 'number') {
    throw fail('tolerance: must be a number');
  }
  return { input: input.map((row) => row.map(Number)), expected, tolerance, stateTolerance };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
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
