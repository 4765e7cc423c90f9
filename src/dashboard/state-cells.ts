import type { StepProgram } from '../engine/program/program.js';
import { stateHeaderSize } from '../engine/program/program.js';
import type { StateTensorNow } from './messages.js';

/** Each cell of a larger tensor stands for several units. */
const mostCells = 256;
const mostTensors = 16;
/** h is between -1 and 1; c is not, and has a scale of its own. */
const hScale = 1;

/**
 * The h and c of a state as cells of a heat map; none where the state is no h and c, as where a model is computed from
 * its whole window.
 *
 * @param state as the stepper holds it
 */
export function stateCells(program: StepProgram, state: Float32Array): StateTensorNow[] {
  if (program.wholeWindow) {
    return [];
  }
  const lane = stateHeaderSize + oldestLane(program, state) * program.plan.laneStateSize;
  return program.plan.state
    .filter(({ role }) => role === 'h' || role === 'c')
    .slice(0, mostTensors)
    .map(({ layer, role, offset, size }) => {
      const values = state.subarray(lane + offset, lane + offset + size);
      const cells = cellsOf(values);
      const scale =
        role === 'h' ? hScale : Math.max(1e-6, ...cells.map((value) => Math.abs(value)));
      const bytes = Int8Array.from(cells, (value) =>
        Math.round(Math.max(-127, Math.min(127, (127 * value) / scale))),
      );
      return {
        layer,
        role,
        size,
        cells: Buffer.from(bytes.buffer).toString('base64'),
        scale: Number(scale.toPrecision(3)),
      };
    });
}

/** In `sliding` the lane that has seen the most of its window; the only one elsewhere. */
function oldestLane({ mode, lanes, stride, window }: StepProgram, state: Float32Array): number {
  if (mode !== 'sliding') {
    return 0;
  }
  const phases = lanes * stride;
  const phase = state[1] ?? 0;
  let best = 0;
  let bestAge = -1;
  for (let lane = 0; lane < lanes; lane += 1) {
    const age = (phase - lane * stride + phases) % phases;
    if (age < window && age > bestAge) {
      bestAge = age;
      best = lane;
    }
  }
  return best;
}

/** Each value, or of each group of neighbours the one that is farthest from 0. */
function cellsOf(values: Float32Array): number[] {
  const group = Math.ceil(values.length / mostCells);
  return Array.from({ length: Math.ceil(values.length / group) }, (_, n) => {
    let farthest = 0;
    for (const value of values.subarray(n * group, (n + 1) * group)) {
      farthest = Math.abs(value) > Math.abs(farthest) ? value : farthest;
    }
    return farthest;
  });
}
