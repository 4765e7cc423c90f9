import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import { encodeProgram } from '#src/engine/native/program-encoding.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { programFor } from '../../support/native-plan.js';

const program = programFor('continuous');
const arrays = () => ({
  state: new Float32Array(program.stateSize),
  input: new Float32Array(6),
  count: 2,
  output: new Float32Array(4),
  flags: new Uint8Array(2),
});

test('the engine names the array that is too short', () => {
  const engine = createNativeEngine(program);
  const faults: [Partial<ReturnType<typeof arrays>>, RegExp][] = [
    [{ state: new Float32Array(33) }, /^state has 33 values, the step needs 34$/],
    [{ input: new Float32Array(5) }, /^input has 5 values, the step needs 6$/],
    [{ output: new Float32Array(3) }, /^output has 3 values, the step needs 4$/],
    [{ flags: new Uint8Array(1) }, /^flags has 1 values, the step needs 2$/],
    [{ count: -1 }, /^count must be a whole number of samples, not -1$/],
    [{ count: 0.5 }, /not 0\.5$/],
    [{ count: Number.NaN }, /not NaN$/],
  ];
  for (const [fault, message] of faults) {
    const { state, input, count, output, flags } = { ...arrays(), ...fault };
    assert.throws(
      () => {
        engine.step(state, input, count, output, flags);
      },
      { code: 'engine.argument', message },
    );
  }
});

/** As plain JavaScript could call it, past every type. */
function nativeStep(): (...args: unknown[]) => unknown {
  const { words, weights } = encodeProgram(program);
  const native = new (loadAddon().Program)(words, weights, 'scalar');
  return Reflect.get(native, 'step') as unknown as (...args: unknown[]) => unknown;
}

const changed = (at: number, value: unknown): unknown[] =>
  Object.values(arrays()).with(at, value as number);

test('the addon refuses arguments of other types with a TypeError', () => {
  const step = nativeStep();
  assert.equal(step(...Object.values(arrays())), undefined);
  for (const at of [0, 1, 2, 3, 4]) {
    const wrong = [undefined, null, 'x', {}, [], new Float64Array(64), new Int32Array(64)];
    const more = [new ArrayBuffer(256), new DataView(new ArrayBuffer(256)), Symbol('x'), 2n];
    for (const value of [...wrong, ...more]) {
      assert.throws(() => step(...changed(at, value)), TypeError, `argument ${at}`);
    }
  }
  assert.throws(() => step(), TypeError);
  assert.throws(() => step(...changed(4, new Float32Array(2))), TypeError);
  assert.throws(() => step(...changed(0, new Uint8Array(500))), TypeError);
});

test('the addon refuses lengths and counts that do not fit with a RangeError', () => {
  const step = nativeStep();
  for (const count of [-1, 3, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53, 1e300]) {
    assert.throws(() => step(...changed(2, count)), RangeError, `count ${count}`);
  }
  assert.throws(() => step(...changed(0, new Float32Array(33))), RangeError);
  assert.throws(() => step(...changed(1, new Float32Array(5))), RangeError);
  assert.throws(() => step(...changed(3, new Float32Array(3))), RangeError);
  assert.throws(() => step(...changed(4, new Uint8Array(1))), RangeError);
});

test('the addon refuses arrays whose memory has gone', () => {
  const step = nativeStep();
  for (const at of [0, 1, 3, 4]) {
    const args = Object.values(arrays());
    const array = args[at];
    assert.ok(typeof array === 'object' && array.buffer instanceof ArrayBuffer);
    structuredClone(array, { transfer: [array.buffer] });
    assert.throws(() => step(...args), RangeError, `argument ${at}`);
  }
});

test('the addon refuses arrays that share memory', () => {
  const step = nativeStep();
  const memory = new ArrayBuffer(4096);
  const state = new Float32Array(memory, 0, program.stateSize);
  for (const at of [1, 3]) {
    const inside = new Float32Array(memory, 4 * (program.stateSize - 1), 6);
    assert.throws(() => step(...changed(0, state).with(at, inside)), /share memory/);
    const after = new Float32Array(memory, 4 * program.stateSize, 6);
    assert.equal(step(...changed(0, state).with(at, after)), undefined);
  }
  assert.throws(() => step(...changed(0, state).with(4, new Uint8Array(memory))), /share memory/);
});

test('a program is made with new, of an Int32Array, a Float32Array and a target', () => {
  const { Program } = loadAddon();
  const { words, weights } = encodeProgram(program);
  const construct = (...args: unknown[]): unknown => Reflect.construct(Program, args);
  const call: unknown = Program;
  assert.throws(() => (call as (...args: unknown[]) => unknown)(words, weights, 'scalar'), /new/);
  assert.throws(() => construct(), TypeError);
  assert.throws(() => construct(weights, words, 'scalar'), TypeError);
  assert.throws(() => construct(words, weights, 1), TypeError);
  assert.throws(() => construct(words, weights, 'mmx'), /no target mmx/);
  assert.throws(() => construct(words.subarray(1), weights, 'scalar'), /magic/);
  assert.throws(() => construct(words, weights.subarray(1), 'scalar'), RangeError);
  assert.throws(() => construct(new Int32Array(0), weights, 'scalar'), RangeError);
});

test('a program cannot be changed, and its step needs no this', () => {
  const { words, weights } = encodeProgram(program);
  const native = new (loadAddon().Program)(words, weights, 'scalar');
  weights.fill(Number.NaN);
  words.fill(0);
  assert.equal(native.target, 'scalar');
  assert.equal(native.stateSize, program.stateSize);
  assert.throws(() => Object.assign(native, { step: null }), TypeError);
  const { state, input, count, output, flags } = arrays();
  native.step.call({ stateSize: 1 }, state, input, count, output, flags);
  assert.ok(output.every((value) => value > 0 && value < 1));
});
