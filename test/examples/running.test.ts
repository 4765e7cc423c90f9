import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { StepFlag } from '#src/engine/program/engine.js';
import { programOf, type StepProgram } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { loadModel } from '#src/model/load-model.js';
import { MotionModel } from '#src/simulator/motion/motion.js';
import { projectFile } from '../support/project.js';

interface Case {
  readonly input: readonly (readonly number[])[];
  readonly continuous: {
    readonly outputs: readonly (readonly number[])[];
    readonly states: Readonly<Record<string, readonly (readonly number[])[]>>;
  };
  readonly state_tolerance: number;
}

const rateHz = 26;
const example = (file: string) => projectFile(`examples/running/${file}`);

function largestDifference(found: ArrayLike<number>, expected: readonly number[]): number {
  assert.equal(found.length, expected.length);
  return Math.max(
    ...expected.map((value, index) => Math.abs(value - (found[index] ?? Number.NaN))),
  );
}

describe('examples/running', () => {
  let program: StepProgram;
  before(async () => {
    program = programOf(await loadModel(example('running.keras')), { mode: 'continuous' });
  });

  function run(input: Float32Array): { output: Float32Array; state: Float32Array } {
    const count = input.length / 3;
    const arrays = createStepArrays(program, count);
    const { state, output, flags } = arrays;
    arrays.input.set(input);
    createReferenceEngine(program).bind(arrays)(count);
    assert.ok(flags.every((flag) => (flag & ~StepFlag.warm) === StepFlag.output));
    return { output, state };
  }

  test('gives what Keras gave, at every sample and in the state after the last', async () => {
    const expected = JSON.parse(await readFile(example('case.json'), 'utf8')) as Case;
    const { output, state } = run(Float32Array.from(expected.input.flat()));
    assert.ok(largestDifference(output, expected.continuous.outputs.flat()) <= 1e-5);
    const named = Object.values(expected.continuous.states).flat();
    assert.equal(program.plan.state.length, named.length);
    const lane = state.subarray(state.length - program.plan.laneStateSize);
    program.plan.state.forEach(({ layer, role, offset, size }) => {
      const tensor = expected.continuous.states[layer]?.[role === 'h' ? 0 : 1] ?? [];
      const difference = largestDifference(lane.subarray(offset, offset + size), tensor);
      assert.ok(difference <= expected.state_tolerance, `${layer} ${role}: ${difference}`);
    });
  });

  test('knows for an hour without a reset whether the wearer runs', () => {
    const motion = new MotionModel({ seed: 77, rateHz });
    const count = 3600 * rateHz;
    const input = new Float32Array(3 * count);
    const running = new Uint8Array(count);
    for (let n = 0; n < count; n += 1) {
      motion.next(input.subarray(3 * n, 3 * n + 3));
      running[n] = motion.activity === 'running' ? 1 : 0;
    }
    const { output } = run(input.map((mg) => mg * 0.001));
    let judged = 0;
    let right = 0;
    let sinceChange = 0;
    for (let n = 0; n < count; n += 1) {
      sinceChange = n > 0 && running[n] === running[n - 1] ? sinceChange + 1 : 0;
      if (sinceChange < 3 * rateHz) {
        continue;
      }
      judged += 1;
      if ((output[n] ?? Number.NaN) > 0.5 === (running[n] === 1)) {
        right += 1;
      }
    }
    assert.ok(judged > count / 2);
    assert.ok(right >= 0.95 * judged, `${right} of ${judged}`);
  });
});
