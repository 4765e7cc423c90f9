import assert from 'node:assert/strict';
import { test } from 'node:test';
import { multiplyAdds, multiplyAddsPerSample, windowMultiplyAdds } from '#src/engine/cost.js';
import { layoutHash, programOf, type ProgramOptions } from '#src/engine/program/program.js';
import type { ModelInput } from '#src/model/plan/model-input.js';
import { LstmdError } from '#src/base/errors.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import type { WindowPlan } from '#src/model/plan/window-plan.js';
import { programFor } from '../support/native-plan.js';

const window = 7;
const { plan } = programFor('sequence', { window });

function refuses(options: ProgramOptions, message: RegExp, of: StreamPlan = plan): void {
  assert.throws(
    () => programOf(of, options),
    (error) => {
      assert.ok(error instanceof LstmdError);
      assert.equal(error.code, 'model.mode');
      assert.match(error.message, message);
      return true;
    },
  );
}

test('lanes, state and defaults of each mode', () => {
  const shape = (options: ProgramOptions) => {
    const { stride, lanes, warmupSamples, stateSize, outputSize } = programOf(plan, options);
    return [stride, lanes, warmupSamples, stateSize, outputSize];
  };
  assert.deepEqual(shape({ mode: 'continuous' }), [1, 1, 7, 37, 2]);
  assert.deepEqual(shape({ mode: 'sequence' }), [1, 1, 7, 37, 2]);
  assert.deepEqual(shape({ mode: 'sliding' }), [1, 7, 7, 247, 2]);
  assert.deepEqual(shape({ mode: 'sliding', stride: 3, window }), [3, 3, 7, 107, 2]);
  assert.deepEqual(shape({ mode: 'sliding', stride: 9, warmupSamples: 2 }), [9, 1, 2, 37, 2]);
  const free = programOf({ ...plan, window: null }, { mode: 'continuous' });
  assert.deepEqual([free.window, free.warmupSamples], [1, 1]);
  assert.equal(free.stateSize, 37);
});

/** Reverses the window and keeps a vector of it. */
const windowPlan: WindowPlan = {
  values: [
    { steps: window, size: 3 },
    { steps: 1, size: 2 },
  ],
  ops: [
    {
      kind: 'scan',
      reverse: true,
      op: {
        kind: 'conv',
        layer: 'conv',
        input: 0,
        output: 1,
        bias: null,
        groups: 1,
        size: 2,
        stride: 2,
        dilation: 1,
        padBefore: 0,
        historyOffset: 0,
        countOffset: 3,
        kernel: new Float32Array(12),
        activation: { kind: 'linear' },
      },
    },
    { kind: 'repeat', layer: 'repeat', input: 1, output: 1 },
  ],
  outputs: [1],
  scratchSize: 4,
};

test('whole windows: one lane of samples, only in sliding', () => {
  const whole = { ...plan, windowPlan };
  const shape = (options: ProgramOptions) => {
    const { wholeWindow, lanes, stateSize } = programOf(whole, options);
    return [wholeWindow, lanes, stateSize];
  };
  assert.deepEqual(shape({ mode: 'sliding' }), [true, 1, 2 + 3 * window]);
  assert.deepEqual(shape({ mode: 'sliding', stride: 3 }), [true, 1, 2 + 3 * window]);
  assert.deepEqual(shape({ mode: 'sequence' }), [false, 1, 37]);
  assert.deepEqual(shape({ mode: 'continuous' }), [false, 1, 37]);
  assert.equal(programOf(plan, { mode: 'sliding' }).wholeWindow, false);
});

test('a mode that is not exact is refused with the layer, the reason and the modes that are', () => {
  const reason = 'Flatten gives other weights for each step';
  const continuous = { exact: false, layer: 'flat', reason } as const;
  const of = { ...plan, modes: { ...plan.modes, continuous } };
  refuses(
    { mode: 'continuous' },
    /continuous is not exact for synthetic: layer "flat": Flatten .*; exact: sequence, sliding$/,
    of,
  );
});

test('options that do not fit are refused', () => {
  refuses({ mode: 'sliding', window: 8 }, /window is 7 steps, not 8/);
  refuses({ mode: 'sequence', stride: 2 }, /stride 2 is only for mode sliding/);
  refuses({ mode: 'sequence', warmupSamples: 3 }, /the last of the window's 7 steps is warm/);
  for (const stride of [0, -1, 1.5, Number.NaN, 2 ** 24]) {
    refuses({ mode: 'sliding', stride }, /must be a whole number from 1 to 16777215/);
  }
  refuses({ mode: 'continuous', warmupSamples: 0 }, /warmupSamples must be/);
  const long = { ...plan, window: 2 ** 24 - 1 };
  refuses({ mode: 'sliding', stride: 2 ** 23 }, /lanes x stride must be/, long);
  refuses({ mode: 'sliding' }, /window must be/, { ...plan, window: 2 ** 24 });
  refuses({ mode: 'sliding' }, /state would have \d+ floats/, { ...plan, window: 2 ** 23 });
});

function input(name: string, feature: number): ModelInput {
  return { name, features: [feature] };
}

test('the layout hash tells every layout from every other, and not the weights', () => {
  const tensor = { layer: 'first', layerIndex: 0, role: 'h', offset: 0, size: 11 } as const;
  const named = { ...plan, state: [tensor] };
  const programs = [
    programOf(plan, { mode: 'continuous' }),
    programOf(plan, { mode: 'sequence' }),
    programOf(plan, { mode: 'sliding' }),
    programOf(plan, { mode: 'sliding', stride: 2 }),
    programOf({ ...plan, window: 8 }, { mode: 'sliding' }),
    programOf(named, { mode: 'sequence' }),
    programOf({ ...named, state: [{ ...tensor, layer: 'other' }] }, { mode: 'sequence' }),
    programOf({ ...named, state: [{ ...tensor, role: 'c' }] }, { mode: 'sequence' }),
    programOf({ ...plan, windowPlan }, { mode: 'sliding' }),
    programOf({ ...plan, windowPlan }, { mode: 'sliding', stride: 2 }),
    programOf({ ...plan, inputs: [input('acc', 0), input('gyro', 1)] }, { mode: 'sequence' }),
    programOf({ ...plan, inputs: [input('acc', 1), input('gyro', 0)] }, { mode: 'sequence' }),
    programOf({ ...plan, constants: { site: [1] } }, { mode: 'sequence' }),
    programOf({ ...plan, constants: { site: [2] } }, { mode: 'sequence' }),
  ];
  assert.equal(new Set(programs.map((program) => layoutHash(program))).size, programs.length);
  const other = programOf({ ...plan, ops: [], sha256: 'f'.repeat(64) }, { mode: 'sequence' });
  assert.equal(layoutHash(other), layoutHash(programOf(plan, { mode: 'sequence' })));
  assert.match(layoutHash(other), /^[0-9a-f]{64}$/);
});

test('multiply-adds of a step: the matrices, and one step of a sum over time', () => {
  assert.equal(multiplyAdds(plan), 4 * 11 * (3 + 11) + 4 * 5 * (11 + 5) + 5 * 2);
});

test('multiply-adds of a sample: all lanes, or its share of a whole window', () => {
  const lanes = programOf(plan, { mode: 'sliding', stride: 3 });
  assert.equal(multiplyAddsPerSample(lanes), 3 * multiplyAdds(plan));
  assert.equal(windowMultiplyAdds(windowPlan), 4 * 12);
  const whole = programOf({ ...plan, windowPlan }, { mode: 'sliding', stride: 3 });
  assert.equal(multiplyAddsPerSample(whole), 16);
});
