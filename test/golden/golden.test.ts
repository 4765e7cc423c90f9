import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createEngine } from '#src/engine/create-engine.js';
import { StepFlag, type Engine, type EngineName } from '#src/engine/program/engine.js';
import { programOf, stateHeaderSize, type StepProgram } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { LstmdError } from '#src/base/errors.js';
import { loadModel } from '#src/model/load-model.js';
import { modes, type Mode, type StreamPlan } from '#src/model/plan/stream-plan.js';
import { needsShared, sharedFolder } from '../support/requirement.js';

const root = join(sharedFolder, 'golden');

interface GoldenCase {
  readonly file: string;
  readonly features: number;
  readonly window: number | null;
  readonly expect: 'ok' | 'refuse';
  readonly refuse_because?: string;
  readonly parameters?: number;
  readonly streamable: Readonly<Record<Mode, boolean | null>>;
  readonly mode_refuse_because?: Readonly<Partial<Record<Mode, string>>>;
  readonly output_sizes: readonly number[];
  readonly input: readonly (readonly number[])[];
  readonly continuous?: {
    readonly outputs: readonly Row[];
    /** h and, where there is one, c. */
    readonly states?: Readonly<Record<string, readonly (readonly number[])[]>>;
  };
  readonly sequence?: { readonly outputs: readonly Row[] };
  readonly sliding?: { readonly stride: number; readonly outputs: readonly Row[] };
  readonly tolerance: number;
  readonly state_tolerance?: number;
}

type Row = readonly number[] | null;

const names = existsSync(root)
  ? readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  : [];

test('golden cases', { skip: needsShared() }, () => {
  assert.ok(names.some((name) => name.startsWith('seed-')));
});

for (const name of names) {
  const golden = JSON.parse(readFileSync(join(root, name, 'case.json'), 'utf8')) as GoldenCase;
  const file = join(root, name, golden.file);
  describe(name, () => {
    if (golden.expect === 'refuse') {
      test('is refused', () => refuses(file, golden));
    } else {
      reproduces(file, golden);
    }
  });
}

async function refuses(file: string, golden: GoldenCase): Promise<void> {
  await assert.rejects(loadModel(file), (error) => {
    assert.ok(error instanceof LstmdError);
    assert.equal(error.code, 'model.refused');
    assert.ok(error.message.includes(golden.refuse_because ?? ''), error.message);
    return true;
  });
}

function reproduces(file: string, golden: GoldenCase): void {
  test('parameters and shapes', async () => {
    const plan = await loadModel(file);
    assert.equal(plan.window, golden.window);
    assert.equal(plan.features, golden.features);
    assert.deepEqual(
      plan.outputs.map(({ size }) => size),
      golden.output_sizes,
    );
    assert.equal(
      plan.layers.reduce((sum, layer) => sum + layer.parameters, 0),
      golden.parameters,
    );
  });
  for (const mode of modes) {
    if (golden.streamable[mode] === false) {
      test(`${mode} is refused`, async () => refusesMode(await loadModel(file), mode, golden));
    }
    if (golden.streamable[mode] === true) {
      for (const engine of ['reference', 'native', 'tfjs'] as const) {
        test(`${mode}, ${engine}`, async (context) => {
          const program = programOf(
            await loadModel(file),
            programOptions(mode, golden, thinningOf(engine)),
          );
          const made = await engineOrReason(engine, program);
          if (typeof made === 'string') {
            context.skip(made);
          } else {
            matches(made, program, golden);
          }
        });
      }
    }
  }
}

function refusesMode(plan: StreamPlan, mode: Mode, golden: GoldenCase): void {
  assert.throws(
    () => programOf(plan, { mode }),
    (error) => {
      assert.ok(error instanceof LstmdError);
      assert.equal(error.code, 'model.mode');
      assert.ok(
        error.message.includes(golden.mode_refuse_because?.[mode] ?? 'layer "'),
        error.message,
      );
      return true;
    },
  );
}

/** Of the windows of sliding only every so many-th: TensorFlow.js takes its time with many lanes. */
function thinningOf(engine: EngineName): number {
  return engine === 'tfjs' ? 10 : 1;
}

function programOptions(
  mode: Mode,
  golden: GoldenCase,
  thinning: number,
): { mode: Mode; stride?: number } {
  return mode === 'sliding' ? { mode, stride: thinning * (golden.sliding?.stride ?? 1) } : { mode };
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

/** Steps the whole input in blocks of 7 and compares every output, and the states of `continuous`. */
function matches(engine: Engine, program: StepProgram, golden: GoldenCase): void {
  const all = golden[program.mode]?.outputs ?? [];
  const thinning = program.mode === 'sliding' ? thinningOf(engine.name) : 1;
  const expected = all.filter((_, n) => n % thinning === 0);
  assert.ok(expected.length > 0);
  const rows: number[][] = [];
  const arrays = createStepArrays(program, 7);
  const { state, output, flags } = arrays;
  const step = engine.bind(arrays);
  const input = Float32Array.from(golden.input.flat());
  for (let from = 0; from < golden.input.length; from += flags.length) {
    const count = Math.min(flags.length, golden.input.length - from);
    const block = input.subarray(from * golden.features, (from + count) * golden.features);
    arrays.input.set(block);
    step(count);
    for (let n = 0; n < count; n += 1) {
      if (((flags[n] ?? 0) & StepFlag.output) !== 0) {
        rows.push([...output.subarray(n * program.outputSize, (n + 1) * program.outputSize)]);
      }
    }
  }
  assert.equal(rows.length, expected.length);
  for (const [n, row] of expected.entries()) {
    if (row !== null) {
      near(rows[n] ?? [], row, golden.tolerance, `output ${n}`);
    }
  }

  if (program.mode !== 'continuous') {
    return;
  }
  for (const [layer, tensors] of Object.entries(golden.continuous?.states ?? {})) {
    for (const [index, values] of tensors.entries()) {
      const role = index === 0 ? 'h' : 'c';
      const tensor = program.plan.state.find((one) => one.layer === layer && one.role === role);
      assert.ok(tensor !== undefined, `state ${layer}/${role}`);
      const from = stateHeaderSize + tensor.offset;
      const actual = [...state.subarray(from, from + tensor.size)];
      near(actual, values, golden.state_tolerance ?? golden.tolerance, `state ${layer}/${role}`);
    }
  }
}

function near(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  assert.equal(actual.length, expected.length, what);
  for (const [i, value] of expected.entries()) {
    const distance = Math.abs((actual[i] ?? Number.NaN) - value);
    assert.ok(distance <= tolerance, `${what}[${i}]: ${actual[i]} is ${distance} from ${value}`);
  }
}
