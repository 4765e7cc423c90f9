import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import { createEngine } from '#src/engine/create-engine.js';
import type { Engine, EngineName } from '#src/engine/program/engine.js';
import { programOf, stateHeaderSize, type StepProgram } from '#src/engine/program/program.js';
import { LstmdError } from '#src/base/errors.js';
import { loadModel } from '#src/model/load-model.js';
import { modes, type Mode, type StreamPlan } from '#src/model/plan/stream-plan.js';
import { importHdf5 } from '#src/state/hdf5-exchange.js';
import { isLong } from '../faults/long-run.js';
import { skipUnlessRequired } from '../support/requirement.js';
import { describeDrawn } from './describe-drawn.js';
import type { ComputedCase, GoldenCase, RefusedCase } from './golden-case.js';
import { LargestError } from './largest-error.js';
import { steppedRows } from './stepped-rows.js';

const engines = ['reference', 'native', 'tfjs'] as const;

/**
 * The engines that are slow for many lanes compute only every so many-th window of `sliding`: these take
 * nine tenths of the time of this file. The native engine, which runs the streams, computes each.
 */
const slidingThinning: Readonly<Record<EngineName, number>> = isLong
  ? { native: 1, reference: 1, tfjs: 10 }
  : { native: 1, reference: 6, tfjs: 40 };

/** Tests one case: that it is refused, or that each engine gives its numbers in each mode. */
export function describeCase(golden: GoldenCase): void {
  if (golden.expect === 'drawn') {
    describeDrawn(golden);
    return;
  }
  describe(golden.name, () => {
    if (golden.expect === 'refuse') {
      test('is refused', () => assertRefused(golden));
    } else {
      describeModel(golden);
    }
  });
}

async function assertRefused(golden: RefusedCase): Promise<void> {
  await assert.rejects(loadModel(modelFile(golden)), (error) => {
    assert.ok(error instanceof LstmdError);
    assert.equal(error.code, golden.refuse_code ?? 'model.refused');
    assert.ok(error.message.includes(golden.refuse_because), error.message);
    return true;
  });
}

function describeModel(golden: ComputedCase): void {
  let plan: StreamPlan;
  before(async () => {
    const { inputs, constants, axes } = golden;
    plan = await loadModel(modelFile(golden), {
      window: askedWindow(golden),
      inputs,
      constants,
      inputAxes: axes,
    });
  });

  test('has the parameters and shapes of the model that was written', () => {
    // A file of one step takes any number of them.
    assert.equal(plan.window, golden.window_in_file === 1 ? null : golden.window);
    assert.equal(plan.features, golden.features);
    assert.deepEqual(
      plan.outputs.map(({ size }) => size),
      golden.output_sizes,
    );
    if (golden.parameters !== undefined) {
      assert.equal(
        plan.layers.reduce((sum, layer) => sum + layer.parameters, 0),
        golden.parameters,
      );
    }
  });

  for (const mode of modes) {
    if (golden.streamable[mode] === false) {
      test(`${mode} is refused`, () => assertModeRefused(plan, mode, golden));
    }
    if (golden.streamable[mode] === true) {
      for (const engine of engines) {
        test(`${mode}, ${engine}`, async (t) => {
          const thinning = thinningOf(engine, mode);
          const stride = thinning * (golden.sliding?.stride ?? 1);
          const program = programOf(plan, mode === 'sliding' ? { mode, stride } : { mode });
          const made = await engineOrReason(engine, program);
          if (typeof made === 'string') {
            skipUnlessRequired(t, made);
          } else {
            assertReproduces(t, made, program, golden, thinning);
          }
        });
      }
    }
  }

  if (golden.state_file !== undefined) {
    test('goes on from the state in an HDF5 file', (t) => assertResumes(t, plan, golden));
  }
}

/** The window to ask for, of a file that takes any number of steps. */
function askedWindow({ window, window_in_file: inFile }: ComputedCase): number | undefined {
  return inFile === null ? (window ?? undefined) : undefined;
}

function assertModeRefused(plan: StreamPlan, mode: Mode, golden: ComputedCase): void {
  assert.throws(
    () => programOf(plan, { mode }),
    (error) => {
      assert.ok(error instanceof LstmdError);
      assert.equal(error.code, 'model.mode');
      const named = golden.mode_refuse_because?.[mode] ?? 'layer "';
      assert.ok(error.message.includes(named), error.message);
      return true;
    },
  );
}

function modelFile(golden: GoldenCase): string {
  return join(golden.folder, golden.file);
}

function thinningOf(engine: EngineName, mode: Mode): number {
  return mode === 'sliding' ? slidingThinning[engine] : 1;
}

async function engineOrReason(name: EngineName, program: StepProgram): Promise<Engine | string> {
  try {
    return (await createEngine(name, program)).engine;
  } catch (error) {
    if (error instanceof LstmdError && error.code === 'engine.unavailable') {
      return error.message;
    }
    throw error;
  }
}

/**
 * Steps the whole input and compares every output and, in `continuous`, h and c after the last
 * sample with those of Keras.
 *
 * @param thinning compare only every so many-th output, which is all that the program gives
 */
function assertReproduces(
  t: TestContext,
  engine: Engine,
  program: StepProgram,
  golden: ComputedCase,
  thinning: number,
): void {
  const expected = (golden[program.mode]?.outputs ?? []).filter((_, n) => n % thinning === 0);
  assert.ok(expected.length > 0);
  const state = new Float32Array(program.stateSize);
  const rows = givenRows(engine, program, state, golden.input);
  // A case has a row for each sample, null where nothing is new, or only those that are given.
  const given = rows.length === expected.length ? expected : expected.filter((row) => row !== null);
  assert.equal(rows.length, given.length);
  const error = new LargestError(golden.tolerance);
  for (const [n, row] of given.entries()) {
    if (row !== null) {
      error.compare(rows[n] ?? [], row, `output ${n * thinning}`);
    }
  }
  error.report(t);

  if (program.mode === 'continuous' && golden.continuous?.states !== undefined) {
    const stateError = new LargestError(golden.state_tolerance ?? golden.tolerance);
    compareStates(stateError, program, state, golden);
    stateError.report(t);
  }
}

function compareStates(
  error: LargestError,
  program: StepProgram,
  state: Float32Array,
  golden: ComputedCase,
): void {
  const lane = state.subarray(stateHeaderSize);
  const tensors = program.plan.state.filter(({ role }) => role === 'h' || role === 'c');
  const expected = golden.continuous?.states ?? {};
  assert.equal(tensors.length, Object.values(expected).flat().length, 'tensors of the state');
  for (const { layer, role, offset, size } of tensors) {
    const values = expected[layer]?.[role === 'h' ? 0 : 1] ?? [];
    error.compare(lane.subarray(offset, offset + size), values, `${role} of ${layer}`);
  }
}

/** Restores what h5py wrote, steps what came after, and compares with what Keras gave then. */
async function assertResumes(
  t: TestContext,
  plan: StreamPlan,
  golden: ComputedCase,
): Promise<void> {
  const file = golden.state_file;
  assert.ok(file !== undefined);
  const program = programOf(plan, { mode: 'continuous' });
  const state = new Float32Array(program.stateSize);
  const lane = state.subarray(stateHeaderSize);
  await importHdf5(join(golden.folder, file.file), plan.state, lane);
  const { engine } = await createEngine('reference', program);
  const rows = givenRows(engine, program, state, file.inputs_after);
  assert.equal(rows.length, file.outputs_after_restore.length);
  const error = new LargestError(golden.tolerance);
  for (const [n, row] of file.outputs_after_restore.entries()) {
    error.compare(rows[n] ?? [], row, `output ${n} after the restore`);
  }
  error.report(t);
}

function givenRows(...stepped: Parameters<typeof steppedRows>): (readonly number[])[] {
  return steppedRows(...stepped).filter((row) => row !== null);
}
