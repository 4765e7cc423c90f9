import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon, type NativeProgram } from '#src/platform/addon.js';
import { encodeProgram } from '#src/engine/native/program-encoding.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import type { StepArrays } from '#src/engine/program/step-arrays.js';
import { programFor } from '../../support/native-plan.js';

// The addon guards its own memory, whatever plain JavaScript gives it past every type.

const program = programFor('continuous');
const names = ['state', 'input', 'output', 'flags'] as const;
const ways = ['bind', 'bindMany'] as const;

/** Arrays for two samples, or for one of each of two streams, each array in a buffer of its own. */
const arrays = (): StepArrays => ({
  state: new Float32Array(2 * program.stateSize),
  input: new Float32Array(6),
  output: new Float32Array(4),
  flags: new Uint8Array(2),
});

function compile(): NativeProgram {
  const { words, weights } = encodeProgram(program);
  return new (loadAddon().Program)(words, weights, 'scalar');
}

type Untyped = (...args: unknown[]) => unknown;
const untyped = (native: NativeProgram, way: (typeof ways)[number]) =>
  Reflect.get(native, way) as unknown as Untyped;

for (const way of ways) {
  test(`${way} refuses arguments of other types with a TypeError`, () => {
    const bind = untyped(compile(), way);
    assert.equal((bind(arrays()) as Untyped)(2), true);
    const wrong = [undefined, null, 'x', 1, {}, [], new Float64Array(64), new Int32Array(64)];
    const more = [new ArrayBuffer(256), new DataView(new ArrayBuffer(256)), Symbol('x'), 2n];
    for (const value of [...wrong, ...more]) {
      assert.throws(() => bind(value), TypeError);
      for (const name of names) {
        assert.throws(() => bind({ ...arrays(), [name]: value }), TypeError, name);
      }
    }
    assert.throws(() => bind(), TypeError);
    assert.throws(() => bind({ ...arrays(), flags: new Float32Array(2) }), TypeError);
    assert.throws(() => bind({ ...arrays(), state: new Uint8Array(500) }), TypeError);
  });

  test(`${way} passes on what a property throws`, () => {
    const bind = untyped(compile(), way);
    const given = {
      ...arrays(),
      get flags(): never {
        throw new SyntaxError('a getter');
      },
    };
    assert.throws(() => bind(given), SyntaxError);
  });

  test(`${way} reads no memory that a property has taken away`, () => {
    const bind = untyped(compile(), way);
    const given = arrays();
    const { state } = given;
    const taking = {
      ...given,
      get flags() {
        structuredClone(state, { transfer: [state.buffer as ArrayBuffer] });
        return given.flags;
      },
    };
    if (way === 'bind') {
      assert.throws(() => bind(taking), RangeError);
    } else {
      assert.equal((bind(taking) as Untyped)(1), false, 'there is no room for a stream');
    }
  });

  test(`${way} refuses arrays that share memory`, () => {
    const bind = untyped(compile(), way);
    const memory = new ArrayBuffer(4096);
    const size = 2 * program.stateSize;
    const state = new Float32Array(memory, 0, size);
    const used = way === 'bind' ? program.stateSize : size;
    for (const name of ['input', 'output']) {
      const inside = new Float32Array(memory, 4 * (used - 1), 6);
      assert.throws(() => bind({ ...arrays(), state, [name]: inside }), /share memory/);
      const after = new Float32Array(memory, 4 * used, 6);
      assert.equal((bind({ ...arrays(), state, [name]: after }) as Untyped)(2), true);
    }
    assert.throws(
      () => bind({ ...arrays(), state, flags: new Uint8Array(memory, 0, 2) }),
      /share memory/,
    );
    const floats = new Float32Array(memory);
    const overlaps: Partial<StepArrays>[] = [
      { input: floats.subarray(0, 6), output: floats.subarray(5, 9) },
      { input: floats.subarray(0, 6), flags: new Uint8Array(memory, 23, 2) },
      { output: floats.subarray(0, 4), flags: new Uint8Array(memory, 15, 2) },
    ];
    for (const overlap of overlaps) {
      assert.throws(() => bind({ ...arrays(), ...overlap }), /share memory/);
    }
  });

  test(`a step of ${way} does nothing for a count that does not fit`, () => {
    const given = arrays();
    const step = untyped(compile(), way)(given) as Untyped;
    const numbers = [-1, 3, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53, 1e300];
    for (const count of [...numbers, undefined, null, '1', 1n, Symbol('x'), {}, [1]]) {
      assert.equal(step(count), false, typeof count);
    }
    assert.equal(step(), false);
    assert.deepEqual(given.state, new Float32Array(2 * program.stateSize));
    assert.equal(step(2), true);
  });
}

test('bind refuses a state that is too short, and arrays whose memory has gone', () => {
  const bind = untyped(compile(), 'bind');
  const state = new Float32Array(program.stateSize - 1);
  assert.throws(() => bind({ ...arrays(), state }), RangeError);
  const gone = arrays();
  structuredClone(gone.state, { transfer: [gone.state.buffer as ArrayBuffer] });
  assert.throws(() => bind(gone), RangeError);
});

test('the engine says which arrays share memory with its own code', () => {
  const memory = new Float32Array(64);
  const shared = { ...arrays(), input: memory.subarray(0, 6), output: memory.subarray(5, 9) };
  const engine = createNativeEngine(program);
  for (const way of ways) {
    assert.throws(() => engine[way](shared), { code: 'engine.argument', message: /share memory/ });
  }
});

test('a program is made with new, of an Int32Array, Float32Arrays and a target', () => {
  const { Program } = loadAddon();
  const { words, weights } = encodeProgram(program);
  const construct = (...args: unknown[]): unknown => Reflect.construct(Program, args);
  const call: unknown = Program;
  assert.throws(() => (call as Untyped)(words, weights, 'scalar'), /new/);
  assert.throws(() => construct(), TypeError);
  assert.throws(() => construct(weights, words, 'scalar'), TypeError);
  assert.throws(() => construct(words, weights, 1), TypeError);
  assert.throws(() => construct(words, weights, 'mmx'), /no target mmx/);
  assert.throws(() => construct(words.subarray(1), weights, 'scalar'), /magic/);
  assert.throws(() => construct(words, weights.slice(1), 'scalar'), RangeError);
  assert.throws(() => construct(words, weights[0], 'scalar'), TypeError);
  assert.throws(() => construct(words, [new Float64Array(9)], 'scalar'), TypeError);
  assert.throws(() => construct(words, [Float32Array.of(1)], 'scalar', true), RangeError);
  assert.throws(() => construct(new Int32Array(0), weights, 'scalar'), RangeError);
});

test('a program cannot be changed, and its functions need no this', () => {
  const { words, weights: plan } = encodeProgram(program);
  const weights = plan.map((part) => part.slice());
  const native = new (loadAddon().Program)(words, weights, 'scalar');
  for (const part of weights) {
    part.fill(Number.NaN);
  }
  words.fill(0);
  assert.equal(native.target, 'scalar');
  assert.equal(native.stateSize, program.stateSize);
  assert.throws(() => Object.assign(native, { bind: null }), TypeError);
  const given = arrays();
  const step = untyped(native, 'bind').call({ stateSize: 1 }, given) as Untyped;
  assert.equal(step(2), true);
  assert.ok(given.output.every((value) => value > 0 && value < 1));
});
