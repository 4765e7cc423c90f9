import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, rowsOf, refused } from '../../../../support/graph-writer.js';
import { inputLayer, type WrittenLayer } from '../../../../support/model-writer.js';

const tensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: { keras_history: [name, 0, 0] },
});

const operation = (className: string, name: string, ...args: unknown[]): WrittenLayer => ({
  class_name: className,
  config: { name },
  outer: { module: 'keras.src.ops.numpy', inbound_nodes: [{ args, kwargs: {} }] },
});

/** A function of TensorFlow as a layer, with its one call as one list. */
function called(name: string, inbound: readonly unknown[]): WrittenLayer {
  return {
    class_name: name === '__operators__.getitem' ? 'SlicingOpLambda' : 'TFOpLambda',
    config: { name: `tf.${name}`, trainable: true, dtype: 'float32', function: name },
    outer: { inbound_nodes: [inbound] },
  };
}

test('arithmetic on tensors, as Keras 3 saves it', async () => {
  const x = tensor('input_layer');
  const whole = { class_name: '__slice__', config: { start: null, stop: null, step: null } };
  const plan = await load(
    [
      inputLayer(8),
      operation('Multiply', 'm', x, 2),
      operation('Subtract', 's', 1, tensor('m')),
      operation('TrueDivide', 'd', tensor('s'), 4),
      operation('Add', 'a', tensor('d'), x),
      operation('GetItem', 'last', tensor('a'), [whole, -1]),
    ],
    ['last'],
  );
  assert.deepEqual(rowsOf(plan, 'continuous', [[2, 0, -2]]), [[1.25, 0.25, -0.75]]);
  assert.deepEqual(plan.layers.at(-1)?.outputShape, [3]);
  const some = await load(
    [
      inputLayer(8),
      operation('Power', 'p', x, 2),
      operation('TrueDivide', 'd', 1, tensor('p')),
      operation('Add', 'a', tensor('d'), [1, 2, 3]),
    ],
    ['a'],
  );
  assert.deepEqual(rowsOf(some, 'continuous', [[2, 1, -2]]), [[1.25, 3, 3.25]]);
  const first = await load([inputLayer(8), operation('GetItem', 'g', x, [whole, 0])], ['g']);
  assert.ok(!first.modes.sequence.exact && first.modes.sliding.exact);
  await refused(
    [operation('GetItem', 'g', x, [0])],
    ['g'],
    /"g" \(GetItem\): index .*the first axis is the batch/,
  );
  await refused(
    [operation('Power', 'p', 2, x)],
    ['p'],
    /"p" \(Power\): a power of a number by a tensor/,
  );
  await refused(
    [operation('Add', 'p', x, 'one')],
    ['p'],
    /"p" \(Add\): its constant "one" is neither a number nor numbers/,
  );
  await refused(
    [operation('Add', 'p', x, [1, 2])],
    ['p'],
    /"p" \(Add\): a constant of shape \(2\) does not fit/,
  );
});

test('functions of TensorFlow, as Keras 2 saves them', async () => {
  const slice = { start: null, stop: null, step: null };
  const layers = [
    inputLayer(8),
    called('math.square', ['input_layer', 0, 0, { name: null }]),
    called('math.reduce_sum', ['tf.math.square', 0, 0, { axis: -1, keepdims: true }]),
    called('math.multiply', ['tf.math.reduce_sum', 0, 0, { y: 2, name: null }]),
    called('__operators__.add', ['tf.math.multiply', 0, 0, { y: ['input_layer', 0, 0] }]),
    called('__operators__.getitem', [
      'tf.__operators__.add',
      0,
      0,
      { slice_spec: [slice, -1, slice] },
    ]),
  ];
  const plan = await load(layers, ['tf.__operators__.getitem'], '2.15.0');
  assert.deepEqual(rowsOf(plan, 'continuous', [[1, 0, 2]]), [[11, 10, 12]]);
  await assert.rejects(
    load(
      [inputLayer(8), called('signal.rfft', ['input_layer', 0, 0, {}])],
      ['tf.signal.rfft'],
      '2.15.0',
    ),
    /"tf.signal.rfft" \(tf.signal.rfft\): tf.signal.rfft operations are not supported/,
  );
});
