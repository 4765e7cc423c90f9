import type { StepArrays } from './step-arrays.js';

/** Bits of `flags[n]`: what became of sample n. */
export const StepFlag = {
  /** The row of outputs was written. */
  output: 1,
  /** The output is warm: there were enough samples since the last reset. */
  warm: 2,
  /** The sample held NaN or infinity and was refused: the state is as it was, there is no output. */
  refused: 4,
  /** The state turned non-finite or exploded: it was reset to zeros, there is no output. */
  reset: 8,
} as const;

/** The bits of an output that counts. */
export const warmOutput = StepFlag.output | StepFlag.warm;

export const engineNames = ['native', 'reference', 'tfjs'] as const;
export type EngineName = (typeof engineNames)[number];

/**
 * Steps one program. It holds no state: a stream is what lies in the arrays that are bound, and any
 * number of arrays can be bound to one engine.
 */
export interface Engine {
  readonly name: EngineName;
  /** The SIMD target in use (`avx2`, `scalar` ...), `float64` for the reference, the package for tfjs. */
  readonly target: string;
  /**
   * Binds arrays of one stream. A step takes the next `count` samples of that stream; n samples in
   * steps of any sizes give the same bits.
   *
   * @throws LstmdError `engine.argument` when the state is too short, or arrays share memory
   */
  bind(arrays: StepArrays): BoundStep;
  /**
   * Binds arrays of many streams. A step takes one sample of each of the first `count` streams, and
   * gives each the bits that it would have alone. The native engine steps several of them together,
   * which reads every weight once for all of these.
   *
   * @throws LstmdError `engine.argument` when arrays share memory
   */
  bindMany(arrays: StepArrays): BoundStep;
}

/**
 * Steps `count` samples of the arrays that were bound. Allocates nothing, except in tfjs.
 *
 * @throws LstmdError `engine.argument`, with nothing stepped, when `checkStep` refuses or the memory
 *   of an array has been moved or taken away since
 */
export type BoundStep = (count: number) => void;
