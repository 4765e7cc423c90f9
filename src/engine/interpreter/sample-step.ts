/** Steps a state, except for its header, which the interpreter keeps. */
export interface SampleStep {
  /** The caller writes the sample here before each step. */
  readonly sample: Float64Array;
  /**
   * @param seen samples since the reset, this one included
   * @param phase as the state has it before this sample
   * @param row is written where there is an output
   * @returns `StepFlag.output`, `StepFlag.reset` where the state must be reset, or 0
   */
  step(state: Float32Array, seen: number, phase: number, row: Float32Array): number;
}
