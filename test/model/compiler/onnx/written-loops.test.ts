import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from '#src/model/load-model.js';
import { openStream } from '#src/stream/model-stream.js';
import { projectFile } from '../../../support/project.js';
import { model, node, tensor, valueInfo } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const turns = 6;
const [kernel, recurrent] = [[0.3, -0.2, 0.5], 0.6];

/** `h' = tanh(x_t M + b + (what it takes of the step before) R)`, written out for each of six steps. */
function loop({
  bias = () => 'b',
  before = (turn) => `h${turn - 1}`,
  time = turns,
  training = 0,
}: {
  readonly bias?: (turn: number) => string;
  readonly before?: (turn: number) => string;
  readonly time?: number | string;
  /** Puts a Dropout with this training_mode behind each step: the nodes `d0` and so on. */
  readonly training?: number;
} = {}): Uint8Array {
  const nodes = Array.from({ length: turns }, (_, turn) => [
    node('Gather', ['x', `${turn}`], [`x${turn}`]),
    node('MatMul', [`x${turn}`, 'M'], [`in${turn}`]),
    node('MatMul', [before(turn), 'S'], [`back${turn}`]),
    node('Add', [`in${turn}`, `back${turn}`], [`sum${turn}`]),
    node('Add', [`sum${turn}`, bias(turn)], [`all${turn}`]),
    node('Tanh', [`all${turn}`], [`h${turn}`]),
    node('Dropout', [`h${turn}`, '', 'training'], [`d${turn}`]),
  ]);
  return model({
    tensors: [
      tensor('M', [3, 1], kernel),
      tensor('S', [1, 1], [recurrent]),
      tensor('b', [1], [0.1]),
      tensor('c', [1], [0.2]),
      tensor('training', [], [training]),
      tensor('h-1', [1, 1], [0]),
      tensor('h-2', [1, 1], [0]),
      ...Array.from({ length: turns }, (_, turn) => tensor(`${turn}`, [], [turn])),
    ],
    inputs: [valueInfo('x', [time, 1, 3])],
    outputs: [valueInfo(`h${turns - 1}`, [1, 1])],
    nodes: nodes.flat(),
  });
}

test('a loop that was written out is stepped with its state, and named as one node', async () => {
  const plan = await loadBytes(loop());
  assert.deepEqual(
    plan.layers.map(({ className }) => className).filter((name) => name === 'WrittenLoop'),
    ['WrittenLoop'],
  );
  const { stepper } = await openStream(plan, { mode: 'continuous', engine: 'reference' });
  let h = 0;
  for (let n = 0; n < 3 * turns; n += 1) {
    const x = [Math.sin(n), Math.cos(n), 0.1 * n];
    h = Math.tanh(x.reduce((sum, one, i) => sum + one * (kernel[i] ?? 0), 0.1) + recurrent * h);
    assert.ok(Math.abs((stepper.push(x)?.[0] ?? Number.NaN) - h) < 1e-6);
  }
});

test('a loop with another number at one of its steps is refused by the name of a node', () =>
  assert.rejects(loadBytes(loop({ bias: (turn) => (turn === 2 ? 'c' : 'b') })), {
    code: 'model.refused',
    message: /node "matmul" \(MatMul\): it takes the weights .* not the same at each of its steps/,
  }));

test('a loop that takes the state of two steps before is refused, and not run without one', () =>
  assert.rejects(loadBytes(loop({ before: (turn) => `h${turn - 2}` })), {
    code: 'model.refused',
    message: /a loop over the window that the exporter wrote out/,
  }));

test('a loop is for the window that it was written out for', async () => {
  await assert.rejects(loadBytes(loop({ time: turns + 1 })), {
    code: 'model.refused',
    message: /a loop|keeps step/,
  });
  await assert.rejects(loadBytes(loop({ time: 'time' })), {
    code: 'model.refused',
    message: /wrote a loop out for 6 steps.*--window 6 /,
  });
});

for (const [name, operator] of [
  ['cell-loop-lstm', 'lstm'],
  ['cell-loop-gru', 'gru'],
] as const) {
  test(`${name} is stepped by the operation of its cell`, async () => {
    const plan = await loadModel(projectFile(`test/golden/onnx/cases/${name}/model.onnx`));
    assert.equal(plan.ops.filter(({ kind }) => kind === operator).length, 1);
    assert.ok(!plan.ops.some(({ kind }) => kind === 'keep'));
  });
}

function dropped(turn: number): string {
  return turn === 0 ? 'h-1' : `d${turn - 1}`;
}

test('a loop that drops at random at each step, as in training, is refused', async () => {
  await loadBytes(loop({ before: dropped }));
  await assert.rejects(loadBytes(loop({ before: dropped, training: 1 })), {
    code: 'model.refused',
    message: /\(Dropout\): it drops features at random/,
  });
});
