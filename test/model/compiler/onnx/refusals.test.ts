import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LstmdError } from '#src/base/errors.js';
import {
  model,
  node,
  tensor,
  valueInfo,
  wholes,
  withInt,
  withText,
} from '../../files/onnx/onnx-writer.js';
import { loadBytes, refuses } from './load-bytes.js';

const withState = {
  inputs: [valueInfo('x', [8, 1, 3]), valueInfo('before', [1, 1, 1])],
  nodes: [
    node('RNN', ['x', 'W', 'R', '', '', 'before'], ['', 'after']),
    node('Tanh', ['after'], ['y']),
  ],
};

test('a state that goes in and never comes out is refused by its name', async () => {
  await refuses(model(withState), /input "before" is a state that goes in, and no output gives it/);
  const outputs = [valueInfo('after', [1, 1, 1]), valueInfo('y', [1, 1, 1])];
  assert.equal((await loadBytes(model({ ...withState, outputs }))).outputs.length, 1);
});

test('a state of more floats than a model has is refused before they are counted', () => {
  const inputs = [valueInfo('x', [8, 1, 3]), valueInfo('before', [1, 1, 2 ** 32])];
  return refuses(
    model({ ...withState, inputs }),
    /input "before": a state of more than \d+ floats/,
  );
});

const firstGiven = (...lengths: number[]) => ({
  tensors: [tensor('lengths', [lengths.length], lengths)],
  inputs: [valueInfo('x', [8, lengths.length, 3])],
  nodes: [node('RNN', ['x', 'W', 'R', '', 'lengths'], ['', 'y'])],
});

test('sequence_lens that the samples decide is refused', () =>
  refuses(
    model({
      nodes: [
        node('Identity', ['x'], ['lengths']),
        node('RNN', ['x', 'W', 'R', '', 'lengths'], ['', 'y']),
      ],
    }),
    /node "rnn" \(RNN\): sequence_lens, .* is not constant/,
  ));

test('sequence_lens that differs between lanes is refused', async () => {
  await refuses(model(firstGiven(8, 5)), /sequence_lens is another for each lane of the batch/);
  assert.equal((await loadBytes(model(firstGiven(8, 8)))).window, 8);
});

/** A model of two lanes, to which these numbers are added. */
function added(first: number, second: number): Uint8Array {
  return model({
    tensors: [tensor('bias', [1, 2, 1], [first, second])],
    inputs: [valueInfo('x', [8, 2, 3])],
    nodes: [node('RNN', ['x', 'W', 'R'], ['', 'h']), node('Add', ['h', 'bias'], ['y'])],
  });
}

test('other numbers for each lane of the batch are refused', async () => {
  await refuses(added(1, 2), /node "add" \(Add\): it has other numbers for each lane/);
  assert.equal((await loadBytes(added(1, 1))).layers.length, 2);
});

/** A GRU of one unit as its exporter names itself. */
function gru(producer: string, linearBeforeReset: number): Uint8Array {
  const gates = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
  return model({
    producer,
    w: tensor('W', [1, 3, 3], gates),
    r: tensor('R', [1, 3, 1], [0.1, 0.2, 0.3]),
    nodes: [
      withInt(node('GRU', ['x', 'W', 'R'], ['', 'y']), 'linear_before_reset', linearBeforeReset),
    ],
  });
}

test('a GRU that PyTorch cannot have meant is computed as written, and remarked on', async () => {
  const [told] = (await loadBytes(gru('pytorch', 0))).layers;
  assert.match(told?.streaming ?? '', /linear_before_reset=0 as the file says.*dynamo=False/);
  for (const bytes of [gru('pytorch', 1), gru('a test', 0)]) {
    const [plain] = (await loadBytes(bytes)).layers;
    assert.equal(plain?.streaming, 'state carried');
  }
});

function dropping(training: number): Uint8Array {
  return model({
    tensors: [tensor('training', [], [training])],
    nodes: [
      node('Dropout', ['x', '', 'training'], ['kept']),
      node('RNN', ['kept', 'W', 'R'], ['', 'y']),
    ],
  });
}

test('Dropout is its input at inference, and refused where it drops at random', async () => {
  assert.equal((await loadBytes(dropping(0))).features, 3);
  await refuses(dropping(1), /node "dropout" \(Dropout\): .*model\.eval\(\)/);
});

/** A model that raises a constant base to the power of what an RNN gives. */
function raised(base: number): Uint8Array {
  return model({
    tensors: [tensor('base', [1], [base])],
    nodes: [node('RNN', ['x', 'W', 'R'], ['', 'h']), node('Pow', ['base', 'h'], ['y'])],
  });
}

test('a base that has no logarithm is refused', async () => {
  for (const base of [-2, 0]) {
    await refuses(raised(base), /node "pow" \(Pow\): (-2|0) to the power of .* above 0/);
  }
  assert.equal((await loadBytes(raised(2))).layers.length, 2);
});

test('an exponent may be a whole number', async () => {
  const bytes = model({
    tensors: [wholes('two', [], [2])],
    nodes: [node('RNN', ['x', 'W', 'R'], ['', 'h']), node('Pow', ['h', 'two'], ['y'])],
  });
  assert.equal((await loadBytes(bytes)).layers.length, 2);
});

/** A model of two lanes, of which one is picked. */
function picked(producer: string): Uint8Array {
  return model({
    producer,
    tensors: [wholes('lane', [], [1])],
    inputs: [valueInfo('x', [8, 2, 3])],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['', 'h']),
      withInt(node('Gather', ['h', 'lane'], ['y']), 'axis', 1),
    ],
  });
}

test('a lane that is picked is refused, with the way out where PyTorch may have written a loop out', async () => {
  await refuses(picked('pytorch'), /\(Gather\): it picks lanes of the batch; .* dynamo=False/);
  await refuses(picked('a test'), /\(Gather\): it picks lanes of the batch$/);
});

/** A model of two lanes of which an operator is asked for more than one. */
function ofLanes(operator: string, inputs: readonly string[], axis = 1): Uint8Array {
  return model({
    tensors: [wholes('table', [1, 2], [0, 1])],
    inputs: [valueInfo('x', [8, 2, 3])],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['', 'h']),
      withInt(node(operator, inputs, ['y']), 'axis', axis),
    ],
  });
}

test('lanes are neither joined nor put into several axes nor repeated', async () => {
  const repeated = model({
    tensors: [wholes('times', [3], [1, 2, 1])],
    inputs: [valueInfo('x', [8, 2, 3])],
    nodes: [node('RNN', ['x', 'W', 'R'], ['', 'h']), node('Tile', ['h', 'times'], ['y'])],
  });
  await refuses(repeated, /node "tile" \(Tile\): it repeats the lanes of the batch/);
  await refuses(
    ofLanes('Concat', ['h', 'h']),
    /node "concat" \(Concat\): it joins lanes of the batch/,
  );
  await refuses(ofLanes('Gather', ['h', 'table']), /node "gather" \(Gather\): it picks lanes/);
  assert.equal((await loadBytes(ofLanes('Concat', ['h', 'h'], 2))).outputs[0]?.size, 2);
});

/** A model that writes over some of what an RNN gives. */
function writtenOver(indices: readonly number[], reduction?: string): Uint8Array {
  const scatter = node('ScatterND', ['h', 'indices', 'updates'], ['y']);
  return model({
    tensors: [
      wholes(
        'indices',
        [indices.length, 3],
        indices.flatMap((index) => [0, 0, index]),
      ),
      tensor('updates', [indices.length], indices),
    ],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['', 'h']),
      reduction === undefined ? scatter : withText(scatter, 'reduction', reduction),
    ],
  });
}

test('what is written over must be known, and written once', async () => {
  await refuses(writtenOver([0, 0]), /node "scatternd" \(ScatterND\): it writes a number twice/);
  await refuses(writtenOver([0], 'add'), /\(ScatterND\): reduction="add" is not supported/);
  await assert.rejects(loadBytes(writtenOver([1])), {
    code: 'model.malformed',
    message: /\(ScatterND\): its indices do not fit/,
  });
});

test('a length that stands for any number of steps is said as T', async () => {
  const flattened = model({
    inputs: [valueInfo('x', ['time', 1, 3])],
    outputs: [valueInfo('y', [1, 1])],
    tensors: [
      tensor(
        'head',
        [24, 1],
        Array.from({ length: 24 }, () => 0.1),
      ),
    ],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['steps', '']),
      node('Flatten', ['steps'], ['flat']),
      node('MatMul', ['flat', 'head'], ['y']),
    ],
  });
  await assert.rejects(loadBytes(flattened), (error) => {
    assert.ok(error instanceof LstmdError);
    assert.match(error.message, /\(MatMul\)/);
    assert.doesNotMatch(error.message, /1009|\b59\b/);
    return true;
  });
});

/** A model that turns the steps of its window, of two lanes, before an RNN. */
function turned(lengths: readonly number[]): Uint8Array {
  return model({
    tensors: [wholes('lengths', [lengths.length], lengths)],
    inputs: [valueInfo('x', [8, 2, 3])],
    nodes: [
      withInt(node('ReverseSequence', ['x', 'lengths'], ['turned']), 'batch_axis', 1),
      node('RNN', ['turned', 'W', 'R'], ['', 'y']),
    ],
  });
}

test('steps are turned where all lanes have one length, in a whole window', async () => {
  const { modes } = await loadBytes(turned([8, 8]));
  assert.equal(modes.sliding.exact, true);
  assert.equal(modes.continuous.exact, false);
  await refuses(turned([8, 5]), /\(ReverseSequence\): its lengths are others for each lane/);
});
