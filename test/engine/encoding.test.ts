import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeProgram } from '../../src/engine/encoding.js';
import type { Activation } from '../../src/model/plan.js';
import { denseProgram, leakyRelu, planOf, programFor } from './native-plan.js';

test('a header says what the program is', () => {
  const { words } = encodeProgram(programFor('sliding', { window: 7, stride: 3 }));
  const header = [0x4c53544d, 2, 2, 0, 7, 3, 3, 7, 3, 6, 5, 1, 35];
  assert.deepEqual([...words.subarray(0, 13)], header);
  const valuesAndOutput = [3, 11, 11, 5, 5, 2, 5, -1];
  assert.deepEqual([...words.subarray(13, 21)], valuesAndOutput);
});

test('an operation says where its weights are', () => {
  const program = programFor('sequence', { window: 7 });
  const { words, weights } = encodeProgram(program);
  const [lstm, leaky, second, , head] = program.plan.ops;
  assert.ok(lstm?.kind === 'lstm' && leaky !== undefined && second?.kind === 'lstm');
  assert.ok(head?.kind === 'timeDense' && lstm.bias !== null);
  const [op, wordCount, input, output, mask, kernel, recurrent, bias, ...rest] = words.subarray(
    21,
    35,
  );
  assert.deepEqual([op, wordCount, input, output, mask], [1, 14, 0, 1, -1]);
  const tensor = (offset = -1, length = 0) => weights.subarray(offset, offset + length);
  assert.deepEqual(tensor(kernel, lstm.kernel.length), lstm.kernel);
  assert.deepEqual(tensor(recurrent, lstm.recurrentKernel.length), lstm.recurrentKernel);
  assert.deepEqual(tensor(bias, lstm.bias.length), lstm.bias);
  assert.deepEqual(rest, [2, -1, 1, -1, 0, 11], 'tanh, sigmoid, h and c');

  const [leakyOp, , , , code, parameters] = words.subarray(35, 41);
  assert.deepEqual([leakyOp, code], [3, 12]);
  assert.deepEqual(tensor(parameters, 3), Float32Array.of(0.3, 0, Infinity));

  const headWords = words.subarray(words.length - 11);
  assert.deepEqual([...headWords.subarray(0, 5)], [4, 11, 4, 5, 7]);
  assert.deepEqual(tensor(headWords[5], head.kernel.length), head.kernel);
  const others = [-1, 1, -1, 32, 34];
  assert.deepEqual([...headWords.subarray(6)], others, 'no bias, sigmoid, accumulator, position');
});

test('every activation has a code of its own', () => {
  const plain = ['linear', 'sigmoid', 'tanh', 'softmax', 'softplus', 'softsign'] as const;
  const more = ['exponential', 'selu', 'silu'] as const;
  const activations: Activation[] = [
    ...[...plain, ...more].map((kind) => ({ kind })),
    { kind: 'gelu', approximate: false },
    { kind: 'gelu', approximate: true },
    { kind: 'elu', alpha: 0.5 },
    leakyRelu,
    { kind: 'hardSigmoid', slope: 0.2, offset: 0.5 },
  ];
  const codes = activations.map((activation) => {
    // The parameters come first, before the 8 floats of kernel and bias.
    const { words, weights } = encodeProgram(denseProgram(activation));
    const offset = words[words.length - 1] ?? 0;
    return [words[words.length - 2], offset < 0 ? [] : [...weights.subarray(offset, -8)]];
  });
  const f = Math.fround;
  assert.deepEqual(codes, [
    ...Array.from({ length: 11 }, (_, code) => [code, []]),
    [11, [0.5]],
    [12, [f(0.3), 0, Infinity]],
    [13, [f(0.2), 0.5]],
  ]);
});

test('the plan keeps its weights to itself', () => {
  const program = denseProgram();
  const { weights } = encodeProgram({ ...program, plan: planOf(program.plan.ops, [3, 2], 0) });
  const kernel = program.plan.ops[0]?.kind === 'dense' ? program.plan.ops[0].kernel : null;
  weights.fill(0);
  assert.ok(kernel?.every((weight) => weight !== 0));
});
