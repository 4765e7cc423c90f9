import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import type { Engine } from '#src/engine/program/engine.js';
import { createStepArrays, type StepArrays } from '#src/engine/program/step-arrays.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { Stepper } from '#src/engine/stepper.js';
import { programFor } from '../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

const window = 7;
const program = programFor('sequence', { window });
const { stateSize } = program;
const engines: readonly Engine[] = [createNativeEngine(program), createReferenceEngine(program)];

/** Arrays for two samples of one stream, one of them another. */
const arraysWith = (change: Partial<StepArrays> = {}): StepArrays => ({
  ...createStepArrays(program, 2),
  ...change,
});

function stateWith(stream: number, seen: number, phase: number): Float32Array {
  const state = new Float32Array(2 * stateSize);
  state.set([seen, phase], stream * stateSize);
  return state;
}

function refuses(step: () => void, message: RegExp): void {
  assert.throws(step, { code: 'engine.argument', message });
}

for (const engine of engines) {
  test(`${engine.name}: a step names the array that is too short, and the count that is none`, () => {
    const faults: readonly [Partial<StepArrays>, RegExp, number?][] = [
      [{ input: new Float32Array(5) }, /^input has 5 values, the step needs 6$/],
      [{ output: new Float32Array(3) }, /^output has 3 values, the step needs 4$/],
      [{ flags: new Uint8Array(1) }, /^flags has 1 values, the step needs 2$/],
      [{}, /^input has 6 values, the step needs 9$/, 3],
      [{}, /^count must be a whole number of samples, not -1$/, -1],
      [{}, /not 0\.5$/, 0.5],
      [{}, /not NaN$/, Number.NaN],
      [{}, /not Infinity$/, Infinity],
    ];
    for (const [change, message, count = 2] of faults) {
      const arrays = arraysWith(change);
      refuses(() => engine.bind(arrays)(count), message);
      const many = { ...arrays, state: new Float32Array(3 * stateSize) };
      refuses(() => engine.bindMany(many)(count), message);
      assert.deepEqual(arrays.state, new Float32Array(stateSize), 'nothing was stepped');
    }
    engine.bind(arraysWith())(2);
  });

  test(`${engine.name}: a state that is too short is refused`, () => {
    const state = new Float32Array(stateSize - 1);
    const message = new RegExp(`^state has ${stateSize - 1} values, the step needs ${stateSize}$`);
    refuses(() => engine.bind(arraysWith({ state })), message);
    const short = arraysWith({ state: new Float32Array(2 * stateSize - 1) });
    refuses(() => engine.bindMany(short)(2), /^state has \d+ values, the step needs \d+$/);
    engine.bindMany(short)(1);
  });

  test(`${engine.name}: a state whose header no step leaves is refused, with nothing stepped`, () => {
    const headers = [
      [-1, 0],
      [0.5, 0],
      [Number.NaN, 0],
      [0, window],
      [0, Number.NaN],
      [2 ** 24, 0],
    ] as const;
    for (const [seen, phase] of headers) {
      const message = new RegExp(`begins with seen ${seen} and phase ${phase}, `);
      const one = arraysWith({ state: new Float32Array(stateSize) });
      const step = engine.bind(one);
      step(1);
      one.state.set([seen, phase]);
      refuses(() => step(1), message);
      one.state.set([1, 1]);
      step(2);
      assert.equal(one.state[0], 3);

      const many = arraysWith({ state: stateWith(1, seen, phase) });
      refuses(() => engine.bindMany(many)(2), message);
      assert.equal(many.state[0], 0, 'the stream before it was not stepped either');
      engine.bindMany(many)(1);
      assert.equal(many.state[0], 1);
    }
  });

  test(`${engine.name}: a stepper takes blocks of any size and keeps its one state`, () => {
    const input = randomFloats(3 * 40, 1, 5);
    const whole = new Stepper(engine, program);
    const pieces = new Stepper(engine, program);
    const { state } = pieces;
    const timeMs = new Float64Array(40);
    const block = (values: Float32Array) => ({
      count: values.length / 3,
      features: 3,
      values,
      timeMs,
      firstSeq: 1,
    });
    const expected = whole.step(block(input)).output;
    const rows: number[] = [];
    let at = 0;
    for (const count of [1, 5, 1, 20, 13, 0]) {
      const { output } = pieces.step(block(input.subarray(3 * at, 3 * (at + count))));
      rows.push(...output.subarray(0, 2 * count));
      at += count;
    }
    assert.deepEqual(rows, [...expected]);
    assert.equal(pieces.state, state);
    assert.deepEqual(state, whole.state);
    assert.equal(pieces.sampleCount, 40);
    refuses(
      () => pieces.step({ ...block(input.subarray(0, 5)), count: 2 }),
      /^the block has 5 values, 2 samples have 6$/,
    );
  });
}

test('arrays of one stepper are of one buffer, all zeros', () => {
  const { state, input, output, flags } = createStepArrays(program, 3, { streams: 2 });
  assert.equal(new Set([state.buffer, input.buffer, output.buffer, flags.buffer]).size, 1);
  assert.deepEqual(state, new Float32Array(2 * stateSize));
  assert.deepEqual([input.length, output.length, flags.length], [9, 6, 3]);
  const other = createStepArrays(program, 5, { state });
  assert.equal(other.state, state);
  assert.equal(other.input.length, 15);
});
