import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '#src/base/errors.js';
import {
  fromCudnnBias,
  fromCudnnKernel,
  fromCudnnRecurrent,
} from '#src/model/compiler/keras/layers/cudnn.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import { fedBy, load, weightedLayer, rowsOf, samples } from '../../../../support/graph-writer.js';
import {
  denseLayer,
  inputLayer,
  layer,
  lstmLayer,
  type WrittenLayer,
} from '../../../../support/model-writer.js';

const cell = { units: 2, activation: 'tanh', recurrent_activation: 'sigmoid' };

async function refused(layers: readonly WrittenLayer[], message: RegExp): Promise<void> {
  await assert.rejects(load([inputLayer(4), ...layers]), (error) => message.test(messageOf(error)));
}

function firstOp(plan: StreamPlan) {
  const [op] = plan.ops;
  assert.ok(op !== undefined);
  return op;
}

test('reset_after of a GRU is read from its option, and without one from the shape of its bias', async () => {
  const before = { name: 'gru', ...cell };
  const kernels = [
    [3, 6],
    [2, 6],
  ];
  for (const [config, bias, resetAfter] of [
    [{ ...before, reset_after: true }, [2, 6], true],
    [{ ...before, reset_after: false }, [6], false],
    [before, [2, 6], true],
    [before, [6], false],
  ] as const) {
    const op = firstOp(
      await load([inputLayer(4), weightedLayer('GRU', config, ...kernels, [...bias])]),
    );
    assert.ok(op.kind === 'gru');
    assert.equal(op.resetAfter, resetAfter);
    assert.equal(op.bias?.length, 6);
    assert.equal(op.recurrentBias?.length, resetAfter ? 6 : undefined);
  }
  const wrong = weightedLayer('GRU', { ...before, reset_after: true }, ...kernels, [6]);
  await refused([wrong], /gru\/bias should have shape \(2, 6\), but .* has \(6\)/);
});

test('an RNN of one cell equals the layer of that cell, one of stacked cells equals stacked layers', async () => {
  const lstm = lstmLayer('a', 3, 2);
  const config = { name: 'lstm_cell', ...cell };
  const one = { class_name: 'LSTMCell', config };
  const rnn = {
    ...lstm,
    class_name: 'RNN',
    config: { name: 'a', cell: one, return_sequences: true },
  };
  assert.deepEqual((await load([inputLayer(4), rnn])).ops, (await load([inputLayer(4), lstm])).ops);

  const stack = {
    class_name: 'StackedRNNCells',
    config: {
      name: 'stack',
      cells: [
        one,
        { class_name: 'SimpleRNNCell', config: { name: 'simple', units: 3, activation: 'relu' } },
      ],
    },
  };
  const shapes = [[3, 8], [2, 8], [8], [2, 3], [3, 3], [3]];
  const stacked = await load([
    inputLayer(4),
    weightedLayer('RNN', { name: 'deep', cell: stack }, ...shapes),
  ]);
  const apart = await load([
    inputLayer(4),
    weightedLayer(
      'LSTM',
      { ...config, name: 'first', return_sequences: true },
      ...shapes.slice(0, 3),
    ),
    weightedLayer(
      'SimpleRNN',
      { name: 'second', units: 3, activation: 'relu' },
      ...shapes.slice(3),
    ),
  ]);
  assert.deepEqual(
    stacked.state.map((tensor) => `${tensor.layer}/${tensor.role}`),
    ['deep/lstm_cell/h', 'deep/lstm_cell/c', 'deep/simple/h'],
  );
  assert.deepEqual(
    rowsOf(stacked, 'continuous', samples(9)),
    rowsOf(apart, 'continuous', samples(9)),
  );
  await refused(
    [
      weightedLayer('RNN', {
        name: 'deep',
        cell: { class_name: 'PeepholeCell', config: { name: 'p' } },
      }),
    ],
    /"deep" \(RNN\): cell=PeepholeCell: only LSTM, GRU and SimpleRNN cells/,
  );
});

test('weights in the layout of CuDNN are put into that of Keras', async () => {
  const order = Float32Array.of(0, 1, 2, 3, 4, 5);
  assert.deepEqual([...fromCudnnKernel(order, 2, 1)], [0, 2, 4, 1, 3, 5]);
  // The kernel has two gates of (2, 2), one beside the other.
  const pair = Float32Array.of(0, 1, 10, 11, 2, 3, 12, 13);
  assert.deepEqual([...fromCudnnRecurrent(pair, 2, 2)], [0, 2, 10, 12, 1, 3, 11, 13]);
  assert.deepEqual([...fromCudnnBias(Float32Array.of(1, 2, 10, 20))], [11, 22]);

  const config = { name: 'fast', units: 2, return_sequences: false };
  const lstm = firstOp(
    await load([inputLayer(4), weightedLayer('CuDNNLSTM', config, [3, 8], [2, 8], [16])]),
  );
  assert.ok(lstm.kind === 'lstm' && lstm.bias?.length === 8);
  assert.equal(lstm.recurrentActivation.kind, 'sigmoid');
  const gru = firstOp(
    await load([inputLayer(4), weightedLayer('CuDNNGRU', config, [3, 6], [2, 6], [12])]),
  );
  assert.ok(gru.kind === 'gru' && gru.resetAfter && gru.recurrentBias?.length === 6);
});

const state = (name: string): WrittenLayer => layer('InputLayer', { name, batch_shape: [null, 2] });

const refuses = async (
  what: readonly WrittenLayer[],
  outputs: readonly (string | readonly [string, number, number])[],
  message: RegExp,
) => {
  await assert.rejects(load(what, outputs), (error) => message.test(messageOf(error)));
};

test('states that the caller would feed back are carried by the stream', async () => {
  const memory = lstmLayer('memory', 3, 2, { return_state: true, return_sequences: false });
  const layers = [
    inputLayer(null),
    state('h'),
    state('c'),
    fedBy(memory, 'input_layer', 'h', 'c'),
    fedBy(denseLayer('head', 2, 1), 'memory'),
  ];
  const plan = await load(layers, ['head', ['memory', 0, 1], ['memory', 0, 2]]);
  assert.deepEqual(
    plan.outputs.map(({ name }) => name),
    ['head'],
  );
  const plain = await load([
    inputLayer(null),
    lstmLayer('memory', 3, 2, { return_sequences: false }),
    denseLayer('head', 2, 1),
  ]);
  assert.deepEqual(plan.ops, plain.ops);

  await refuses(
    layers,
    ['head', ['memory', 0, 1]],
    /layer "c" \(InputLayer\): input shape \[null,2\]/,
  );
  const free = [inputLayer(null), fedBy(memory, 'input_layer')];
  await refuses(
    free,
    [['memory', 0, 2]],
    /layer "memory": state: its state c is an output of the model/,
  );
  const second = fedBy(lstmLayer('second', 3, 2), 'input_layer', 'memory:1', 'memory:2');
  await refuses(
    [...free, second],
    ['second'],
    /"second": LSTM: it begins with states that another layer computes/,
  );
  assert.deepEqual(
    (await load(free, [['memory', 0, 1]])).outputs.map(({ name, size }) => [name, size]),
    [['memory', 2]],
  );
});
