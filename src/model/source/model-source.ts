/** An array as the file has it. */
export interface StoredWeight {
  /** Where it lies in the file, for messages. */
  readonly path: string;
  readonly shape: readonly number[];
  /** Type in the file, e.g. `float16`; `data` is converted to float32. */
  readonly type: string;
  readonly data: Float32Array;
}

/** The weights of one layer, in the order in which Keras wrote them. */
export interface LayerWeights {
  /**
   * The next weight; undefined when there is none left.
   *
   * @param place part of the layer that owns it, e.g. `cell`; empty for the layer itself
   */
  next(place: string): StoredWeight | undefined;
  /**
   * The weights of a model that is this layer, or the part of it at `place`. Absent where the file
   * has them in one list with no names to go by: `next` then gives first those that were trainable,
   * layer by layer, and after them the others, as Keras wrote them.
   */
  nested?(place: string): WeightStore;
}

/** All weights of a file. How a layer finds its own depends on the container. */
export interface WeightStore {
  /** Called once a layer, in the order of the file's configuration. */
  layer(name: string, className: string): LayerWeights;
  /** Paths of the weights that no layer has asked for. */
  unread(): string[];
}

/** What every kind of model file holds: an architecture and its weights. */
export interface ModelSource {
  /** As people name it: `.keras`, `.h5`. */
  readonly container: string;
  /** Who wrote it, for people to read. */
  readonly kerasVersion: string;
  /**
   * Whose formulas and defaults hold. Files of Keras 1 and of TensorFlow.js are spelled here as
   * Keras 2 spells them, and are computed as it does.
   */
  readonly kerasMajor: 2 | 3;
  /** `{ class_name, config }` of the model. */
  readonly architecture: unknown;
  readonly weights: WeightStore;
}

/**
 * Largest file, and largest member of an archive, that is read at all: reading takes five times as
 * much memory.
 */
export const maxModelBytes = 64 * 2 ** 20;
