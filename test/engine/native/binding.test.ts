import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { loadAddon, type NativeProgram, type NativeStep } from '#src/platform/addon.js';
import { encodeProgram } from '#src/engine/native/program-encoding.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { createStepArrays, type StepArrays } from '#src/engine/program/step-arrays.js';
import { programFor } from '../../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

// Arrays are bound once and stepped often: each step must notice all that can become of their memory.

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

/** Takes the memory away, and leaves none. */
function transfer({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  assert.ok(buffer instanceof ArrayBuffer);
  structuredClone(buffer, { transfer: [buffer] });
}

test('arrays of one buffer are stepped to the same bits as arrays of four', () => {
  const native = compile();
  const [arrays, expected] = [createStepArrays(program, 2), separateArrays()];
  arrays.input.set(expected.input);
  const [step, other] = [native.bind(arrays), native.bind(expected)];
  for (const count of [2, 1, 0, 2]) {
    assert.equal(step(count), true);
    assert.equal(other(count), true);
    for (const name of names) {
      assert.deepEqual(arrays[name], expected[name]);
    }
  }
  assert.equal(arrays.state[0], 5);
});

test('arrays that are too short have room for fewer samples', () => {
  const native = compile();
  for (const change of [
    { input: new Float32Array(5) },
    { output: new Float32Array(3) },
    { flags: new Uint8Array(1) },
  ]) {
    const step = native.bind({ ...separateArrays(), ...change });
    assert.equal(step(2), false);
    assert.equal(step(1), true);
  }
  const step = native.bindMany(separateArrays());
  assert.equal(step(2), false, 'there is one state');
  assert.equal(step(1), true);
});

test('arrays whose memory has gone are not stepped', () => {
  const engine = createNativeEngine(program);
  for (const way of ['bind', 'bindMany'] as const) {
    for (const name of names) {
      const arrays = separateArrays();
      const step = engine[way](arrays);
      step(1);
      transfer(arrays[name]);
      for (const count of [0, 1, 2]) {
        assert.throws(() => step(count), { code: 'engine.argument' }, name);
      }
      engine[way](separateArrays())(1);
    }
  }
});

/** A buffer that can be resized, and the way to do it. */
function resizable(bytes: number): [ArrayBuffer, (bytes: number) => void] {
  const buffer: unknown = Reflect.construct(ArrayBuffer, [bytes, { maxByteLength: 4096 }]);
  assert.ok(buffer instanceof ArrayBuffer);
  const resize = Reflect.get(buffer, 'resize') as (size: number) => void;
  return [buffer, (size) => Reflect.apply(resize, buffer, [size])];
}

test('arrays of a buffer that is resized are not stepped', () => {
  for (const size of [0, 4, 8, 64, 4096]) {
    const [buffer, resize] = resizable(16);
    const arrays = { ...separateArrays(), output: new Float32Array(buffer) };
    const step = createNativeEngine(program).bind(arrays);
    step(2);
    resize(size);
    const message = size < 8 ? /^output has \d values, the step needs 2$/ : /bind the arrays again/;
    assert.throws(() => step(1), { code: 'engine.argument', message });
  }
});

test('an array that is beyond the end of a shorter buffer is not stepped, whatever lies before it', () => {
  const floats = new Float32Array(separateArrays().state.length);
  const bytes = floats.byteLength;
  const [buffer, resize] = resizable(8 + bytes);
  const flags = new Uint8Array(buffer, 0, 2);
  const state = new Float32Array(buffer, 8, floats.length);
  const step = createNativeEngine(program).bind({ ...separateArrays(), state, flags });
  step(1);
  resize(8);
  assert.equal(flags.length, 2);
  assert.throws(() => step(1), { code: 'engine.argument', message: /^state has 0 values/ });
});

test('shared memory is bound and stepped', () => {
  const arrays = { ...separateArrays(), state: new Float32Array(new SharedArrayBuffer(4 * 34)) };
  assert.equal(compile().bind(arrays)(2), true);
  assert.equal(arrays.state[0], 2);
});

test('memory that went to another thread is no longer touched', async () => {
  const engine = createNativeEngine(program);
  const arrays = separateArrays();
  const step = engine.bind(arrays);
  for (let call = 0; call < 5; call += 1) {
    step(2);
  }
  const seen = arrays.state.slice();
  const echo = `require('node:worker_threads').parentPort.once('message', function (state) {
    this.postMessage(state, [state.buffer]);
  })`;
  const worker = new Worker(echo, { eval: true });
  worker.postMessage(arrays.state, [arrays.state.buffer as ArrayBuffer]);
  assert.throws(() => step(2), { code: 'engine.argument', message: /^state has 0 values/ });
  const [state] = (await once(worker, 'message')) as [Float32Array];
  assert.deepEqual(state, seen);
  assert.throws(() => step(2), { code: 'engine.argument' });
  const next = engine.bind({ ...arrays, state });
  for (let call = 0; call < 5; call += 1) {
    next(2);
  }
  assert.equal(state[0], 20);
});

test('one engine steps any number of bound arrays in turn', () => {
  const engine = createNativeEngine(program);
  const [a, b] = [separateArrays(), separateArrays()];
  const [stepA, stepB] = [engine.bind(a), engine.bind(b)];
  for (const step of [stepA, stepA, stepB, stepA, stepB]) {
    step(2);
  }
  assert.deepEqual([a.state[0], b.state[0]], [6, 4]);
});

/** A step of a program that nothing else refers to. */
function boundStep(): NativeStep {
  return compile().bind(separateArrays());
}

test('a step outlives the program that it came from, and keeps its arrays', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept = boundStep();
  for (let round = 0; round < 20; round += 1) {
    assert.equal(boundStep()(2), true);
    collect();
    // Finalizers run between turns of the event loop.
    await setImmediate();
    assert.equal(kept(2), true);
  }
});
