import type { MergeOp } from '../../../plan/step-op.js';
import type { Activation } from '../../../plan/stream-plan.js';

interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
  readonly first?: Activation;
  readonly last?: Activation;
}

/** Says how an operator combines floats with a number that is known. */
export interface Combination {
  readonly numbers: (a: number, b: number) => number;
  readonly merge: MergeOp['operation'] | null;
  /** `x` with a constant `c` on its right or on its left, as `last(first(x) scale + shift)`; undefined where it is none. */
  readonly affine?: (c: Float64Array, isLeft: boolean) => Affine | undefined;
  /** `x` with one number, as a function of each float. */
  readonly activation?: (c: number, isLeft: boolean) => Activation | undefined;
}

export const add: Combination = {
  numbers: (a, b) => a + b,
  merge: 'add',
  affine: (c) => ({ scale: new Float64Array(c.length).fill(1), shift: c }),
};
