import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEngine } from '#src/engine/create-engine.js';
import { StepFlag, type EngineName } from '#src/engine/program/engine.js';
import { programOf, type StepProgram } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { LstmdError } from '#src/base/errors.js';
import { loadModel } from '#src/model/load-model.js';
import { modes } from '#src/model/plan/stream-plan.js';
import { skipUnlessRequired } from '../support/requirement.js';
import { needsShared, sharedData } from '../support/shared-data.js';

const root = sharedData('models');
const files = existsSync(root)
  ? readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(keras|h5|json)$/.test(name),
    )
  : [];

for (const file of files) {
  test(`${file} loads, and steps`, async () => {
    const plan = await loadModel(join(root, file));
    const mode = modes.find((one) => plan.modes[one].exact);
    assert.ok(mode !== undefined);
    const program = programOf(plan, { mode });
    const count = plan.window ?? 1;
    const { rows } = await step(
      'reference',
      program,
      new Float32Array(count * plan.features).fill(0.1),
    );
    assert.ok(rows.flat().every(Number.isFinite));
    assert.ok(rows.length > 0);
  });
}

/** One window of each activity of UCI HAR, in the order of the model's outputs. */
const windows = sharedData('ucihar6');

for (const engine of ['reference', 'native'] as const) {
  test(
    `six windows of a wearer are told apart, ${engine}`,
    { skip: needsShared('models') || needsShared('ucihar6') },
    async (context) => {
      const file = files.find((name) => name.endsWith('har_model.keras'));
      assert.ok(file !== undefined);
      const program = programOf(await loadModel(join(root, file)), { mode: 'sequence' });
      const found: number[] = [];
      for (const name of readdirSync(windows)
        .filter((one) => /^0\d_/.test(one))
        .sort()) {
        const numbers = readFileSync(join(windows, name), 'utf8').match(/-?\d[\d.e+-]*/g) ?? [];
        const result = await step(engine, program, Float32Array.from(numbers, Number));
        if (result.skipped !== undefined) {
          skipUnlessRequired(context, result.skipped);
          return;
        }
        const last = result.rows.at(-1) ?? [];
        found.push(last.indexOf(Math.max(...last)));
      }
      assert.deepEqual(found, [0, 1, 2, 3, 4, 5]);
    },
  );
}

async function step(
  name: EngineName,
  program: StepProgram,
  input: Float32Array,
): Promise<{ readonly rows: number[][]; readonly skipped?: string }> {
  const count = input.length / program.plan.features;
  const arrays = createStepArrays(program, count);
  const { output, flags } = arrays;
  arrays.input.set(input);
  try {
    const { engine } = await createEngine(name, program);
    engine.bind(arrays)(count);
  } catch (error) {
    if (error instanceof LstmdError && error.code === 'engine.unavailable') {
      return { rows: [], skipped: error.message };
    }
    throw error;
  }
  const rows: number[][] = [];
  for (let n = 0; n < count; n += 1) {
    if (((flags[n] ?? 0) & StepFlag.output) !== 0) {
      rows.push([...output.subarray(n * program.outputSize, (n + 1) * program.outputSize)]);
    }
  }
  return { rows };
}
