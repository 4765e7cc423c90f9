/** A value of one step, by its index in `StreamPlan.valueSizes`. Value 0 is the input sample. */
export type ValueId = number;

/** The common part of all operations of a step. */
export interface Operation {
  /** Name of the layer that it computes, for messages; `outer/inner` when nested. */
  readonly layer: string;
  readonly input: ValueId;
  readonly output: ValueId;
}
