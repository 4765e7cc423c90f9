/** How samples and constants flow into a model that has several inputs. */
export interface InputOptions {
  /**
   * For each input with a time axis the features of a sample that it takes, by their indices. Default: the first
   * features for the first input, those after them for the next.
   */
  readonly inputs?: Readonly<Record<string, readonly number[]>> | undefined;
  /** The numbers of each input without a time axis, which are the same at all times. */
  readonly constants?: Readonly<Record<string, readonly number[]>> | undefined;
}
