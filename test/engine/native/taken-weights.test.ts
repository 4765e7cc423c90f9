import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngine } from '#src/engine/create-engine.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { weightFormats } from '#src/engine/program/weight-format.js';
import { programOf, type StepProgram } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import { openStream } from '#src/stream/model-stream.js';
import { loadAddon } from '#src/platform/addon.js';
import { Draw } from '../../support/draw.js';
import { inputLayer, kerasHdf5, layer, loadBytes, weight } from '../../support/model-writer.js';

/** Layers of every way of packing, each of whose kernels is larger than what is given back at once. */
async function largePlan(): Promise<StreamPlan> {
  const units = 160;
  const recurrent = (className: string, gates: number, inputs: number) => ({
    ...layer(className, {
      name: className,
      units,
      activation: 'tanh',
      use_bias: false,
      return_sequences: true,
      ...(gates > 1 && { recurrent_activation: 'sigmoid' }),
    }),
    weights: [weight(inputs, gates * units), weight(units, gates * units)],
  });
  const layers = [
    inputLayer(4, 3),
    recurrent('LSTM', 4, 3),
    recurrent('GRU', 3, units),
    recurrent('SimpleRNN', 1, units),
    {
      ...layer('Dense', { name: 'dense', units, activation: 'linear', use_bias: false }),
      weights: [weight(units, units)],
    },
    layer('Flatten', { name: 'flatten' }),
    {
      ...layer('Dense', { name: 'head', units: 20, activation: 'linear', use_bias: false }),
      weights: [weight(4 * units, 20)],
    },
  ];
  return loadBytes(await kerasHdf5({ kerasVersion: '3.15.1', layers }));
}

function outputsOf(program: StepProgram, options: Parameters<typeof createNativeEngine>[1]) {
  const arrays = createStepArrays(program, 8);
  arrays.input.set(new Draw(7).floats(24, 1));
  createNativeEngine(program, options).bind(arrays)(8);
  return arrays.output.slice();
}

test('an engine that takes the weights steps to the same bits, on every target', async () => {
  for (const target of loadAddon().simdTargets()) {
    for (const weights of weightFormats) {
      const plan = await largePlan();
      const program = programOf(plan, { mode: 'sequence', weights });
      const expected = outputsOf(program, { target });
      assert.ok(expected.some((value) => value !== 0));
      assert.deepEqual(outputsOf(program, { target, takesWeights: true }), expected);
    }
  }
});

test('a plan whose weights were taken makes no other engine', async () => {
  const plan = await largePlan();
  await openStream(plan, { mode: 'sequence' });
  await openStream(plan, { mode: 'sequence', takesWeights: true });
  for (const engine of ['native', 'reference'] as const) {
    await assert.rejects(openStream(plan, { mode: 'sequence', engine }), {
      code: 'engine.argument',
      message: /were given to a stream that was opened with takesWeights/,
    });
  }
});

test('weights that share memory are not taken', async () => {
  const plan = await largePlan();
  const [first, ...others] = plan.ops;
  assert.ok(first?.kind === 'lstm');
  const bias = first.kernel.subarray(0, 4 * first.units);
  const program = programOf(
    { ...plan, ops: [{ ...first, bias }, ...others] },
    { mode: 'sequence' },
  );
  await createEngine('native', program, { takesWeights: true });
  assert.ok(first.kernel.every((value) => value !== 0));
  assert.ok(first.recurrentKernel.length > 0);
});
