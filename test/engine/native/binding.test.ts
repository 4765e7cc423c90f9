import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { loadAddon, type NativeProgram } from '#src/platform/addon.js';
import type { Engine } from '#src/engine/program/engine.js';
import { encodeProgram } from '#src/engine/native/program-encoding.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { createStepArrays, type StepArrays } from '#src/engine/program/program.js';
import { programFor, randomFloats } from '../../support/native-plan.js';

// Arrays that come again are bound in the addon; each call must notice all that can become of them.

const program = programFor('continuous');
const names = ['state', 'input', 'output', 'flags'] as const;

/** Each in a buffer of its own. */
function separateArrays(samples = 2): StepArrays {
  return {
    state: new Float32Array(program.stateSize),
    input: randomFloats(3 * samples, 1, 3),
    output: new Float32Array(2 * samples),
    flags: new Uint8Array(samples),
  };
}

function compile(): NativeProgram {
  const { words, weights } = encodeProgram(program);
  return new (loadAddon().Program)(words, weights, 'scalar');
}

const bindTo = (native: NativeProgram, { state, input, output, flags }: StepArrays) =>
  native.bind(state, input, output, flags);

function step(engine: Engine, { state, input, output, flags }: StepArrays, count: number): void {
  engine.step(state, input, count, output, flags);
}

/** Takes the memory away; what had it is left with none. */
function transfer({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  assert.ok(buffer instanceof ArrayBuffer);
  structuredClone(buffer, { transfer: [buffer] });
}

test('bound arrays are stepped to the same bits as others', () => {
  const native = compile();
  const [arrays, expected] = [createStepArrays(program, 2), separateArrays()];
  arrays.input.set(expected.input);
  assert.equal(bindTo(native, arrays), undefined);
  for (const count of [2, 1, 0, 2]) {
    assert.equal(native.stepBound(count), undefined);
    native.step(expected.state, expected.input, count, expected.output, expected.flags);
    for (const name of names) {
      assert.deepEqual(arrays[name], expected[name]);
    }
  }
  assert.equal(arrays.state[0], 5);
});

test('nothing is stepped where nothing is bound, nor for counts that do not fit', () => {
  const native = compile();
  assert.equal(native.stepBound(0), false);
  const arrays = separateArrays();
  bindTo(native, arrays);
  for (const count of [
    -1,
    3,
    0.5,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    1e300,
    undefined,
    '1',
    1n,
  ]) {
    assert.equal(native.stepBound(count as number), false, `count ${count}`);
  }
  assert.deepEqual(arrays.state, new Float32Array(program.stateSize));
  assert.equal(native.stepBound(2), undefined);
});

test('a state with a header that no step leaves is not stepped', () => {
  const native = compile();
  const arrays = separateArrays();
  bindTo(native, arrays);
  for (const header of [
    [-1, 0],
    [0, 1],
    [Number.NaN, 0],
  ]) {
    arrays.state.set(header);
    assert.equal(native.stepBound(1), false, header.join());
  }
});

test('arrays of other types are not bound, and those before are let go', () => {
  const native = compile();
  const bind = Reflect.get(native, 'bind') as (...args: unknown[]) => unknown;
  for (const at of [0, 1, 2, 3]) {
    bindTo(native, separateArrays());
    const wrong = [undefined, {}, new Float64Array(64), new Int8Array(64), new ArrayBuffer(64)];
    for (const value of wrong) {
      const args: unknown[] = Object.values(separateArrays()).with(at, value);
      assert.throws(() => bind(...args), TypeError, `argument ${at}`);
      assert.equal(native.stepBound(1), false);
    }
  }
});

test('arrays that are too short or lie over each other are not bound', () => {
  const native = compile();
  const memory = new Float32Array(1024);
  const faults: Partial<StepArrays>[] = [
    { state: new Float32Array(program.stateSize - 1) },
    { state: memory.subarray(0, 34), input: memory.subarray(33, 39) },
    { input: memory.subarray(0, 6), output: memory.subarray(5, 9) },
    { output: memory.subarray(0, 4), flags: new Uint8Array(memory.buffer, 15, 2) },
  ];
  for (const fault of faults) {
    assert.equal(bindTo(native, { ...separateArrays(), ...fault }), false);
    assert.equal(native.stepBound(1), false);
  }
  assert.equal(bindTo(native, { ...separateArrays(), input: new Float32Array(5) }), undefined);
  assert.equal(native.stepBound(2), false);
  assert.equal(native.stepBound(1), undefined);
});

test('bound arrays whose memory has gone are not stepped', () => {
  for (const name of names) {
    const native = compile();
    const arrays = separateArrays();
    bindTo(native, arrays);
    assert.equal(native.stepBound(1), undefined);
    transfer(arrays[name]);
    for (const count of [0, 1, 2]) {
      assert.equal(native.stepBound(count), false, name);
    }
    bindTo(native, separateArrays());
    assert.equal(native.stepBound(1), undefined);
  }
});

test('bound arrays of a buffer that is resized are not stepped', () => {
  for (const size of [0, 4, 8, 64, 4096]) {
    const native = compile();
    const buffer: unknown = Reflect.construct(ArrayBuffer, [16, { maxByteLength: 4096 }]);
    assert.ok(buffer instanceof ArrayBuffer);
    const arrays = { ...separateArrays(), output: new Float32Array(buffer) };
    bindTo(native, arrays);
    assert.equal(native.stepBound(2), undefined);
    Reflect.apply(Reflect.get(buffer, 'resize') as (size: number) => void, buffer, [size]);
    assert.equal(native.stepBound(1), false, `${size} bytes`);
  }
});

test('shared memory is bound and stepped', () => {
  const native = compile();
  const arrays = { ...separateArrays(), state: new Float32Array(new SharedArrayBuffer(4 * 34)) };
  assert.equal(bindTo(native, arrays), undefined);
  assert.equal(native.stepBound(2), undefined);
  assert.equal(arrays.state[0], 2);
});

test('memory that went to another thread is no longer touched', async () => {
  const engine = createNativeEngine(program);
  const arrays = separateArrays();
  for (let call = 0; call < 5; call += 1) {
    step(engine, arrays, 2);
  }
  const seen = arrays.state.slice();
  const echo = `require('node:worker_threads').parentPort.once('message', function (state) {
    this.postMessage(state, [state.buffer]);
  })`;
  const worker = new Worker(echo, { eval: true });
  worker.postMessage(arrays.state, [arrays.state.buffer as ArrayBuffer]);
  assert.throws(
    () => {
      step(engine, arrays, 2);
    },
    { code: 'engine.argument', message: /^state has 0 values/ },
  );
  const [state] = (await once(worker, 'message')) as [Float32Array];
  assert.deepEqual(state, seen);
  for (let call = 0; call < 5; call += 1) {
    step(engine, { ...arrays, state }, 2);
  }
  assert.equal(state[0], 20);
});

test('the engine goes on when arrays change, come again, are refused and are mended', () => {
  const engine = createNativeEngine(program);
  const [a, b] = [separateArrays(), separateArrays()];
  for (const arrays of [a, a, a, b, a, b, b, b]) {
    step(engine, arrays, 2);
  }
  assert.deepEqual([a.state[0], b.state[0]], [8, 8]);
  assert.throws(
    () => {
      step(engine, b, 3);
    },
    { message: /^input has 6 values, the step needs 9$/ },
  );
  b.state[1] = 7;
  for (let call = 0; call < 3; call += 1) {
    assert.throws(
      () => {
        step(engine, b, 1);
      },
      { code: 'engine.argument', message: /seen and phase/ },
    );
  }
  b.state[1] = 0;
  for (let call = 0; call < 4; call += 1) {
    step(engine, b, 1);
  }
  assert.equal(b.state[0], 12);
});

/** Of a program that nothing else refers to. */
function boundStep(): NativeProgram['stepBound'] {
  const native = compile();
  bindTo(native, separateArrays());
  return Reflect.get(native, 'stepBound');
}

test('a bound step outlives the object that it came from, and keeps its arrays', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept = boundStep();
  for (let round = 0; round < 20; round += 1) {
    assert.equal(boundStep()(2), undefined);
    collect();
    // Finalizers run between turns of the event loop.
    await setImmediate();
    assert.equal(kept(2), undefined);
  }
});
