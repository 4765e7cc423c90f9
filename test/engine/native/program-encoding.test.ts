import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { activationCodes } from '#src/engine/native/activation-encoding.js';
import { encodeProgram } from '#src/engine/native/program-encoding.js';
import type { StepProgram } from '#src/engine/program/program.js';
import { weightFormats } from '#src/engine/program/weight-format.js';
import { activations, dense, denseProgram, programFor } from '../../support/native-plan.js';
import { projectFile } from '../../support/project.js';

/** A program with its weights one after the other. */
function encoded(program: StepProgram): { words: Int32Array; weights: Float32Array } {
  const { words, weights: parts } = encodeProgram(program);
  const weights = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    weights.set(part, offset);
    offset += part.length;
  }
  return { words, weights };
}

test('a header says what the program is', () => {
  const { words } = encodeProgram(programFor('sliding', { window: 7, stride: 3 }));
  const header = [0x4c53544d, 5, 2, 0, 7, 3, 3, 7, 3, 6, 5, 1, 35, 0];
  assert.deepEqual([...words.subarray(0, 14)], header);
  const valuesAndOutput = [3, 11, 11, 5, 5, 2, 5, -1];
  assert.deepEqual([...words.subarray(14, 22)], valuesAndOutput);
});

test('an operation says where its weights are', () => {
  const program = programFor('sequence', { window: 7 });
  const { words, weights } = encoded(program);
  const [lstm, leaky, second, , head] = program.plan.ops;
  assert.ok(lstm?.kind === 'lstm' && leaky !== undefined && second?.kind === 'lstm');
  assert.ok(head?.kind === 'timeDense' && lstm.bias !== null);
  const [op, wordCount, input, output, mask, kernel, recurrent, bias, ...rest] = words.subarray(
    22,
    41,
  );
  assert.deepEqual([op, wordCount, input, output, mask], [1, 19, 0, 1, -1]);
  const tensor = (offset = -1, length = 0) => weights.subarray(offset, offset + length);
  assert.deepEqual(tensor(kernel, lstm.kernel.length), lstm.kernel);
  assert.deepEqual(tensor(recurrent, lstm.recurrentKernel.length), lstm.recurrentKernel);
  assert.deepEqual(tensor(bias, lstm.bias.length), lstm.bias);
  assert.deepEqual(
    rest,
    [2, -1, 1, -1, 0, 11, -1, -1, 2, -1, 0],
    'tanh, sigmoid, h and c, no clip, no peepholes, tanh, not coupled',
  );

  const [leakyOp, , , , code, parameters] = words.subarray(41, 47);
  assert.deepEqual([leakyOp, code], [3, 12]);
  assert.deepEqual(tensor(parameters, 3), Float32Array.of(0.3, 0, Infinity));

  const headWords = words.subarray(words.length - 11);
  assert.deepEqual([...headWords.subarray(0, 5)], [4, 11, 4, 5, 7]);
  assert.deepEqual(tensor(headWords[5], head.kernel.length), head.kernel);
  const others = [-1, 1, -1, 32, 34];
  assert.deepEqual([...headWords.subarray(6)], others, 'no bias, sigmoid, accumulator, position');
});

test('the codes in C++ are those of TypeScript', () => {
  const script = projectFile('scripts/write-codes.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('every activation has a code of its own', () => {
  const codes = activations.map((activation) => {
    // The parameters come first, before the 8 floats of kernel and bias.
    const { words, weights } = encoded(denseProgram(activation));
    const offset = words[words.length - 1] ?? 0;
    const numbers = offset < 0 ? [] : [...weights.subarray(offset, -8)];
    return [words[words.length - 2], numbers] as const;
  });
  const parameters: Record<number, number[]> = {
    11: [0.5],
    12: [0.3, 0, Infinity],
    13: [0.2, 0.5],
    21: [0.7],
    22: [0.5],
    23: [0.5],
    25: [4],
    36: [0.7],
    37: [-0.5, 2],
    38: [0.5, 0.1],
    39: [0.9, 0.7],
  };
  const expected = activations.map((_, code) => [code, (parameters[code] ?? []).map(Math.fround)]);
  assert.deepEqual(codes, expected);
  assert.deepEqual(
    activationCodes.map((named) => named.length - 1),
    codes.map(([, numbers]) => numbers.length),
    'as many parameters as the table names',
  );
});

test('a whole window is scans of operations, each in words of its own count', () => {
  const steps = programFor('sliding', { window: 7 });
  const plan = {
    ...steps.plan,
    windowPlan: {
      values: [
        { steps: 7, size: 3 },
        { steps: 9, size: 3 },
        { steps: 9, size: 2 },
      ],
      ops: [
        { kind: 'pad', layer: 'pad', input: 0, output: 1, before: 1, after: 1, value: 0.5 },
        { kind: 'scan', op: dense('head', 1, 2, 3, 2), reverse: true },
      ],
      outputs: [2],
      scratchSize: 0,
    },
  } as const;
  const { words, weights } = encoded({ ...steps, plan, wholeWindow: true });
  assert.deepEqual([...words.subarray(0, 13)], [0x4c53544d, 5, 2, 1, 7, 1, 7, 7, 3, 3, 2, 1, 0]);
  assert.deepEqual([...words.subarray(14, 21)], [7, 3, 9, 3, 9, 2, 2]);
  assert.deepEqual([...words.subarray(21, 28)], [33, 7, 0, 1, 1, 1, 0]);
  assert.deepEqual([...words.subarray(28)], [32, 13, 1, 0, 0, 2, 8, 1, 2, 1, 7, 1, -1]);
  assert.equal(weights[0], 0.5);
});

test('a header says how large matrices are kept', () => {
  for (const [code, weights] of weightFormats.entries()) {
    const { words } = encodeProgram({ ...programFor('continuous'), weights });
    assert.equal(words[13], code);
  }
});
