import assert from 'node:assert/strict';
import { test } from 'node:test';
import { multiplyAdds } from '../../src/engine/cost.js';
import {
  createState,
  layoutHash,
  programOf,
  type ProgramOptions,
} from '../../src/engine/program.js';
import { LstmdError } from '../../src/errors.js';
import type { StreamPlan } from '../../src/model/plan.js';
import { programFor } from './native-plan.js';

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
  assert.deepEqual(shape({ mode: 'continuous' }), [1, 1, 7, 36, 2]);
  assert.deepEqual(shape({ mode: 'sequence' }), [1, 1, 7, 36, 2]);
  assert.deepEqual(shape({ mode: 'sliding' }), [1, 7, 7, 240, 2]);
  assert.deepEqual(shape({ mode: 'sliding', stride: 3, window }), [3, 3, 7, 104, 2]);
  assert.deepEqual(shape({ mode: 'sliding', stride: 9, warmupSamples: 2 }), [9, 1, 2, 36, 2]);
  const free = programOf({ ...plan, window: null }, { mode: 'continuous' });
  assert.deepEqual([free.window, free.warmupSamples], [1, 1]);
  assert.deepEqual(createState(free), new Float32Array(36));
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
  for (const stride of [0, -1, 1.5, Number.NaN, 2 ** 24])
    refuses({ mode: 'sliding', stride }, /must be a whole number from 1 to 16777215/);
  refuses({ mode: 'continuous', warmupSamples: 0 }, /warmupSamples must be/);
  const long = { ...plan, window: 2 ** 24 - 1 };
  refuses({ mode: 'sliding', stride: 2 ** 23 }, /lanes x stride must be/, long);
  refuses({ mode: 'sliding' }, /window must be/, { ...plan, window: 2 ** 24 });
  refuses({ mode: 'sliding' }, /state would have \d+ floats/, { ...plan, window: 2 ** 23 });
});

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
  ];
  assert.equal(new Set(programs.map((program) => layoutHash(program))).size, programs.length);
  const other = programOf({ ...plan, ops: [], sha256: 'f'.repeat(64) }, { mode: 'sequence' });
  assert.equal(layoutHash(other), layoutHash(programOf(plan, { mode: 'sequence' })));
  assert.match(layoutHash(other), /^[0-9a-f]{64}$/);
});

test('multiply-adds of a step: the matrices, and one step of a sum over time', () => {
  assert.equal(multiplyAdds(plan), 4 * 11 * (3 + 11) + 4 * 5 * (11 + 5) + 5 * 2);
});
