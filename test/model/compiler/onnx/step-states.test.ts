import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recommend } from '#src/commands/inspect/recommendation.js';
import { openStream } from '#src/stream/model-stream.js';
import { model, node, tensor, valueInfo, withInt } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const [kernel, recurrent, head] = [[0.3, -0.2, 0.5], 0.6, [2, -1]];

/** One step `h' = tanh(x M + h S)`; the last nodes give `after` and what the model says. */
function step(
  last: readonly ReturnType<typeof node>[],
  outputs: readonly ReturnType<typeof valueInfo>[],
): Uint8Array {
  return model({
    tensors: [
      tensor('M', [3, 1], kernel),
      tensor('S', [1, 1], [recurrent]),
      tensor('V', [1, 2], head),
    ],
    inputs: [valueInfo('before', [1, 1]), valueInfo('x', [1, 3])],
    outputs,
    nodes: [
      node('MatMul', ['x', 'M'], ['in']),
      node('MatMul', ['before', 'S'], ['back']),
      node('Add', ['in', 'back'], ['sum']),
      ...last,
    ],
  });
}

test('one step of a cell of any kind carries the state that goes in and comes out', async () => {
  const plan = await loadBytes(
    step(
      [node('Tanh', ['sum'], ['after']), node('MatMul', ['after', 'V'], ['y'])],
      [valueInfo('after', [1, 1]), valueInfo('y', [1, 2])],
    ),
  );
  assert.deepEqual(
    plan.outputs.map(({ name }) => name),
    ['y'],
  );
  assert.match(
    plan.origin,
    /input \(batch, features\) of one step, states "before" from output "after"/,
  );
  const { stepper } = await openStream(plan, {
    mode: 'continuous',
    engine: 'reference',
  });
  let h = 0;
  for (let n = 0; n < 8; n += 1) {
    const x = [Math.sin(n), Math.cos(n), 0.1 * n];
    h = Math.tanh(x.reduce((sum, one, i) => sum + one * (kernel[i] ?? 0), 0) + recurrent * h);
    const outputs = [...(stepper.push(x) ?? [])];
    assert.ok(head.every((weight, i) => Math.abs((outputs[i] ?? Number.NaN) - weight * h) < 1e-6));
  }
});

test('a step whose state could be one of two outputs is refused by the names of these', () =>
  assert.rejects(
    loadBytes(
      step(
        [node('Tanh', ['sum'], ['after']), node('Sigmoid', ['sum'], ['y'])],
        [valueInfo('after', [1, 1]), valueInfo('y', [1, 1])],
      ),
    ),
    {
      code: 'model.refused',
      message:
        /input "before" is a state, .* output "after" or "y", which nothing in the graph tells: export/,
    },
  ));

/** A gated step `a = g before + tanh(sum)`, and what a function makes of it. */
const squashed = [
  node('Sigmoid', ['in'], ['gate']),
  node('Mul', ['gate', 'before'], ['kept']),
  node('Tanh', ['sum'], ['fresh']),
  node('Add', ['kept', 'fresh'], ['a']),
  node('Relu', ['a'], ['b']),
];

test('what a function makes of a state beside it is asked about where no name tells', async () => {
  const outputs = [valueInfo('a', [1, 1]), valueInfo('b', [1, 1])];
  await assert.rejects(loadBytes(step(squashed, outputs)), {
    code: 'model.refused',
    message: /output "a" or "b", .* say what flows into "x" alone .* where it is "a"; otherwise/,
  });
  const said = await loadBytes(step(squashed, outputs), { inputs: { x: [0, 1, 2] } });
  assert.deepEqual(
    said.outputs.map(({ name }) => name),
    ['b'],
  );
  const named = [...squashed, node('Identity', ['b'], ['h_next'])];
  const plan = await loadBytes(step(named, [valueInfo('a', [1, 1]), valueInfo('h_next', [1, 1])]));
  assert.deepEqual(
    plan.outputs.map(({ name }) => name),
    ['a'],
  );
});

test('a step that gives nothing but its state says that', async () => {
  for (const outputs of [['after'], ['after', 'after']]) {
    const plan = await loadBytes(
      step(
        [node('Tanh', ['sum'], ['after'])],
        outputs.map((name) => valueInfo(name, [1, 1])),
      ),
    );
    assert.deepEqual(
      plan.outputs.map(({ name }) => name),
      ['after'],
    );
  }
});

test('a product of two inputs is no state', () =>
  assert.rejects(
    loadBytes(
      step(
        [node('MatMul', ['sum', 'S'], ['after']), node('MatMul', ['sum', 'V'], ['y'])],
        [valueInfo('after', [1, 1]), valueInfo('y', [1, 2])],
      ),
    ),
    { code: 'model.refused', message: /inputs "before" and "x"/ },
  ));

/** A net of two inputs, whose names say nothing. */
function twoInputs(
  nodes: readonly ReturnType<typeof node>[],
  outputs: readonly ReturnType<typeof valueInfo>[],
): Uint8Array {
  return model({
    tensors: [
      tensor(
        'A',
        [5, 3],
        Array.from({ length: 15 }, (_, i) => Math.sin(i)),
      ),
      tensor(
        'B',
        [3, 2],
        Array.from({ length: 6 }, (_, i) => Math.cos(i)),
      ),
      tensor('M', [3, 2], [0.3, -0.2, 0.5, 0.1, 0.4, -0.6]),
      tensor('S', [2, 2], [0.6, 0.1, -0.3, 0.2]),
      tensor('cell.weight_hh', [2, 2], [0.6, 0.1, -0.3, 0.2]),
      tensor('V', [2, 1], [2, -1]),
    ],
    inputs: [valueInfo('a', [1, 3]), valueInfo('b', [1, 2])],
    outputs,
    nodes,
  });
}

/** An autoencoder of two sensors: `back` is `b` again, and no new state. */
const autoencoder = twoInputs(
  [
    withInt(node('Concat', ['a', 'b'], ['both']), 'axis', 1),
    node('MatMul', ['both', 'A'], ['sum']),
    node('Tanh', ['sum'], ['code']),
    node('MatMul', ['code', 'B'], ['decoded']),
    node('Sigmoid', ['decoded'], ['back']),
    node('MatMul', ['back', 'V'], ['score']),
  ],
  [valueInfo('back', [1, 2]), valueInfo('score', [1, 1])],
);

test('an input that a net gives out again is asked for, and is no state before that is said', async () => {
  await assert.rejects(loadBytes(autoencoder), {
    code: 'model.refused',
    message: /inputs "a" and "b": "b" may be a state.*--feed a=1,2,3\).*--feed b=/,
  });
  const names = async (inputs: Record<string, number[]>): Promise<readonly unknown[]> => {
    const { features, outputs } = await loadBytes(autoencoder, {
      inputs,
      inputAxes: ['batch', 'features'],
    });
    return [features, ...outputs.map(({ name }) => name)];
  };
  assert.deepEqual(await names({ a: [0, 1, 2], b: [3, 4] }), [5, 'back', 'score']);
  assert.deepEqual(await names({ a: [0, 1, 2] }), [3, 'score']);
  const { yaml } = recommend(await loadBytes(autoencoder, { inputs: { a: [0, 1, 2] } }), 'm.onnx');
  assert.match(yaml, /^ {2}inputs: \{ "a": \[axis1, axis2, axis3\] \}$/m);
});

test('the gates of a cell or the names of its weights tell its state, whatever it is called', async () => {
  const cells = [
    [
      node('MatMul', ['a', 'M'], ['in']),
      node('MatMul', ['b', 'cell.weight_hh'], ['own']),
      node('Add', ['in', 'own'], ['sum']),
      node('Relu', ['sum'], ['after']),
    ],
    [
      withInt(node('Concat', ['a', 'b'], ['both']), 'axis', 1),
      node('MatMul', ['both', 'A'], ['sums']),
      node('MatMul', ['sums', 'B'], ['sum']),
      node('Sigmoid', ['sum'], ['gate']),
      node('Mul', ['gate', 'b'], ['kept']),
      node('Tanh', ['sum'], ['fresh']),
      node('Add', ['kept', 'fresh'], ['after']),
    ],
  ];
  for (const cell of cells) {
    const plan = await loadBytes(
      twoInputs(
        [...cell, node('MatMul', ['after', 'V'], ['y'])],
        [valueInfo('after', [1, 2]), valueInfo('y', [1, 1])],
      ),
    );
    assert.deepEqual([plan.features, ...plan.outputs.map(({ name }) => name)], [3, 'y']);
  }
});

test('a function of two sensors that is given out is asked about, and so are two inputs of one shape', async () => {
  const fused = [
    node('MatMul', ['a', 'M'], ['in']),
    node('MatMul', ['b', 'S'], ['own']),
    node('Add', ['in', 'own'], ['sum']),
    node('Tanh', ['sum'], ['z']),
    node('MatMul', ['z', 'V'], ['y']),
  ];
  await assert.rejects(
    loadBytes(twoInputs(fused, [valueInfo('z', [1, 2]), valueInfo('y', [1, 1])])),
    { code: 'model.refused', message: /"b" may be a state, which output "z" gives back, or come/ },
  );
  const alike = model({
    inputs: [valueInfo('a', [1, 3]), valueInfo('b', [1, 3])],
    outputs: [valueInfo('z', [1, 3]), valueInfo('y', [1, 3])],
    nodes: [
      node('Add', ['a', 'b'], ['sum']),
      node('Tanh', ['sum'], ['z']),
      node('MatMul', ['z', 'square'], ['y']),
    ],
    tensors: [tensor('square', [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])],
  });
  await assert.rejects(loadBytes(alike), {
    code: 'model.refused',
    message: /inputs "a" and "b": each may be a state, which output "z" gives back/,
  });
});

/** A step `z = gate * b + (1 - gate) * tanh(a)`, as a GRU has it, and as two sensors of one size are put together. */
function gated(b: string): Uint8Array {
  return model({
    inputs: [valueInfo('a', [1, 3]), valueInfo(b, [1, 3])],
    outputs: [valueInfo('z', [1, 3]), valueInfo('y', [1, 3])],
    nodes: [
      node('Add', ['a', b], ['sum']),
      node('Sigmoid', ['sum'], ['gate']),
      node('Mul', ['gate', b], ['kept']),
      node('Tanh', ['a'], ['fresh']),
      node('Sub', ['one', 'gate'], ['rest']),
      node('Mul', ['rest', 'fresh'], ['new']),
      node('Add', ['kept', 'new'], ['z']),
      node('MatMul', ['z', 'square'], ['y']),
    ],
    tensors: [tensor('one', [1], [1]), tensor('square', [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])],
  });
}

test('a gate tells no state where another input may be one as well and no name says it', async () => {
  await assert.rejects(loadBytes(gated('b')), {
    code: 'model.refused',
    message: /inputs "a" and "b": each may be a state, which output "z" gives back.* --feed a=/,
  });
  const names = async (b: string, inputs?: Record<string, number[]>): Promise<unknown[]> => {
    const plan = await loadBytes(gated(b), {
      ...(inputs && { inputs, inputAxes: ['batch', 'features'] }),
    });
    return [plan.features, ...plan.outputs.map(({ name }) => name)];
  };
  assert.deepEqual(await names('b', { a: [0, 1, 2] }), [3, 'y']);
  assert.deepEqual(await names('b', { a: [0, 1, 2], b: [3, 4, 5] }), [6, 'z', 'y']);
  assert.deepEqual(await names('h'), [3, 'y']);
});
