/** The memory of one value of a step, and whether this step wrote it. */
export interface ValueBuffer {
  readonly values: Float64Array;
  /** See `StepOp`. */
  fresh: boolean;
}

export function createValueBuffer(size: number): ValueBuffer {
  return { values: new Float64Array(size), fresh: false };
}
