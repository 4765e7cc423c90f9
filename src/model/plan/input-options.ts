/** Axes that a tensor of samples may have; `1` is one of that size, as images have for their channel. */
export const inputAxisNames = ['batch', 'time', 'features', '1'] as const;

export type InputAxis = (typeof inputAxisNames)[number];

/** How samples and constants flow into a model that has several inputs, or whose file does not tell. */
export interface InputOptions {
  /**
   * For each input with a time axis the features of a sample that it takes, by their indices. Default: the first
   * features for the first input, those after them for the next; of an ONNX model with several inputs there is none.
   */
  readonly inputs?: Readonly<Record<string, readonly number[]>> | undefined;
  /** The numbers of each input without a time axis, which are the same at all times. */
  readonly constants?: Readonly<Record<string, readonly number[]>> | undefined;
  /** The axes of an ONNX model's input, in order, where nothing in the file tells them; of each, where there are several. */
  readonly inputAxes?: readonly InputAxis[] | undefined;
}

/** Returns whether these are the axes of an input: each once, with a batch, a time or features among them. */
export function areInputAxes(axes: readonly string[]): axes is readonly InputAxis[] {
  return (
    axes.length > 0 &&
    new Set(axes).size === axes.length &&
    axes.every((axis) => inputAxisNames.some((name) => name === axis)) &&
    axes.some((axis) => axis === 'time' || axis === 'features')
  );
}
