/** Steps all of a state but its header. */
export interface SampleStep {
  /** Takes the sample that the next step is for. */
  readonly sample: Float64Array;
  /**
   * @param seen samples since the reset, this one included
   * @param phase as the state has it before this sample
   * @param row takes the outputs, where there are any
   * @returns `StepFlag.output`, `StepFlag.reset` where the state exploded, or 0
   */
  step(state: Float32Array, seen: number, phase: number, row: Float32Array): number;
}
