/** One weight of a model as its file has it. */
export interface StoredWeight {
  /** Its path in the file, as messages name it. */
  readonly path: string;
  readonly shape: readonly number[];
  /** Type in the file, e.g. `float16`; `data` is converted to float32. */
  readonly type: string;
  readonly data: Float32Array;
}

/** The weights of one layer, in the order in which Keras wrote them. */
export interface LayerWeights {
  /**
   * @param part the part of the layer that owns the weight, e.g. `cell`; empty for the layer itself
   * @returns the next weight; undefined where there is none left
   */
  next(part: string): StoredWeight | undefined;
  /**
   * The weights of the model that this layer, or its `part`, is. Absent where the file has
   * them in one list without names: `next` then gives first those that were trainable, layer by
   * layer, and after them the others, as Keras wrote them.
   */
  nested?(part: string): WeightStore;
}

/** All weights of a model. How a layer finds its own depends on the kind of file. */
export interface WeightStore {
  /** The weights of one layer. It is called once for each layer, in the order of the configuration. */
  layer(name: string, className: string): LayerWeights;
  /** Paths of the weights that no layer has asked for. */
  unread(): string[];
}

/** The content of a Keras model file of any kind: an architecture and its weights. */
export interface ModelSource {
  /** The kind of file as people name it: `.keras`, `.h5`, `TensorFlow.js`. */
  readonly container: string;
  /** Version of the Keras that wrote the file, for people to read. */
  readonly kerasVersion: string;
  /**
   * The version of Keras whose formulas and defaults hold. The architecture of a file of Keras 1 or
   * of TensorFlow.js is given here as Keras 2 would have written it.
   */
  readonly kerasMajor: 2 | 3;
  /** `{ class_name, config }` of the model, with the class names of today. */
  readonly architecture: unknown;
  readonly weights: WeightStore;
  /** The loss that the model was compiled with, as the file has it; undefined where it was not compiled. */
  readonly loss?: unknown;
}
