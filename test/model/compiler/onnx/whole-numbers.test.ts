import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model, node, tensor, wholes, withInt } from '../../files/onnx/onnx-writer.js';
import { loadBytes, refuses } from './load-bytes.js';

/** A model that subtracts whole numbers, of which an operator makes others, from what an RNN gives. */
function wholeNumber(
  numbers: readonly (number | bigint)[],
  operator: string,
  count = 1,
): Uint8Array {
  return model({
    tensors: [wholes('wholes', [numbers.length], numbers)],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['', 'h']),
      node(
        operator,
        Array.from({ length: count }, () => 'wholes'),
        ['made'],
      ),
      withInt(node('Cast', ['made'], ['float']), 'to', 1),
      node('Sub', ['h', 'float'], ['y']),
    ],
  });
}

test('whole numbers that are not exact here are not computed with', async () => {
  const beyond = [2n ** 53n + 1n];
  const operators: readonly (readonly [string, number])[] = [
    ['Add', 2],
    ['Neg', 1],
    ['Abs', 1],
    ['Mod', 2],
    ['Equal', 2],
    ['Greater', 2],
    ['ReduceSum', 1],
    ['ReduceMax', 1],
    ['Identity', 1],
  ];
  for (const [operator, count] of operators) {
    await refuses(
      wholeNumber(beyond, operator, count),
      /\((Add|Neg|Abs|Mod|Equal|Greater|ReduceSum|ReduceMax|Cast)\): it computes with whole numbers beyond 2\^53/,
    );
    assert.equal((await loadBytes(wholeNumber([2 ** 20], operator, count))).layers.length, 2);
  }
  await refuses(wholeNumber([2 ** 40, 2 ** 40], 'ReduceProd'), /\(ReduceProd\): .* beyond 2\^53/);
});

/** A model that subtracts a number, which was cast to a type, from what an RNN gives. */
function castTo(number: number, to: number): Uint8Array {
  return model({
    tensors: [tensor('number', [1], [number])],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['', 'h']),
      withInt(node('Cast', ['number'], ['whole']), 'to', to),
      withInt(node('Cast', ['whole'], ['float']), 'to', 1),
      node('Sub', ['h', 'float'], ['y']),
    ],
  });
}

test('a cast to a type that does not have the number is refused', async () => {
  await refuses(castTo(300, 2), /node "cast" \(Cast\): it casts numbers to a type \(2\)/);
  await refuses(castTo(Number.NaN, 7), /node "cast" \(Cast\): it casts numbers/);
  assert.equal((await loadBytes(castTo(200, 2))).layers.length, 2);
});
