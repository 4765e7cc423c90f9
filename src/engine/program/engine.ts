/** Bits of `flags[n]`, what became of sample n of a block. */
export const StepFlag = {
  /** The row of outputs was written. */
  output: 1,
  /** The output is warm: enough samples since the last reset. */
  warm: 2,
  /** The sample held NaN or Inf: refused, the state is as it was, no output. */
  refused: 4,
  /** The state turned non-finite or exploded: it was reset to zeros, no output. */
  reset: 8,
} as const;

export const engineNames = ['native', 'reference', 'tfjs'] as const;
export type EngineName = (typeof engineNames)[number];

/** Steps one program. Holds no state of the stream: that is the caller's Float32Array. */
export interface Engine {
  readonly name: EngineName;
  /** The SIMD target in use (`avx2`, `scalar` ...), `float64` for the reference, the package for tfjs. */
  readonly target: string;
  /**
   * Steps a whole block, sample by sample; n samples in blocks of any sizes give the same bits.
   *
   * @param state `stateSize` floats, read and written in place
   * @param input `count x features`, row-major
   * @param output `count x outputSize`, row-major; a row without `StepFlag.output` is zeros
   * @param flags `count` bytes of `StepFlag`
   * @throws LstmdError `engine.argument` when an array is shorter than the program asks
   */
  step(
    state: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void;
  /**
   * Steps one sample of each of many streams of the program: stream n to the same bits as with
   * `step` on its state alone. The native engine steps them together, which reads every weight once
   * for several of them.
   *
   * @param states `count x stateSize` floats, read and written in place
   * @param input `count x features`, row-major
   * @param output `count x outputSize`, row-major; a row without `StepFlag.output` is zeros
   * @param flags `count` bytes of `StepFlag`
   * @throws LstmdError `engine.argument` when an array is shorter than that
   */
  stepMany(
    states: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void;
}
