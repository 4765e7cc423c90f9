import type { PlanBuilder } from '../plan-builder.js';
import type { ValueId } from '../plan.js';
import type { LayerOptions } from './layer-options.js';
import type { WeightReader } from './weight-reader.js';

/** A tensor of the Keras graph, seen as what one step of it is. */
export interface Tensor {
  /** The register that holds one step. */
  readonly value: ValueId;
  /** Floats of one step. */
  readonly size: number;
  /**
   * `sequence`: (steps, size). `vector`: (size), the value after the steps so far. `flattened`:
   * (steps * size), of which each step only knows its own part.
   */
  readonly form: 'sequence' | 'vector' | 'flattened';
  /** Steps of the model's input (T); null where it takes any number. Not of interest for a vector. */
  readonly steps: number | null;
  /** The Flatten layer, of a `flattened` tensor. */
  readonly flattenedBy?: string;
}

/** What a layer is made of, and where its operations go. */
export interface LayerContext {
  readonly name: string;
  /** Major version of the Keras that wrote the file. */
  readonly kerasMajor: number;
  readonly inputs: readonly Tensor[];
  readonly options: LayerOptions;
  readonly weights: WeightReader;
  readonly builder: PlanBuilder;
}

export interface BuiltLayer {
  readonly output: Tensor;
  /** How it streams, for people to read. */
  readonly streaming: string;
}

/**
 * Turns a layer into operations of the plan: reads its options and its weights,
 * and refuses by name what it would not compute exactly.
 *
 * @throws LstmdError `model.refused`, `model.malformed`
 */
export type LayerBuilder = (layer: LayerContext) => BuiltLayer;

/** Shape without the batch, as Keras names it. */
export function shapeOf(tensor: Tensor): (number | null)[] {
  switch (tensor.form) {
    case 'sequence':
      return [tensor.steps, tensor.size];
    case 'vector':
      return [tensor.size];
    case 'flattened':
      return [tensor.steps === null ? null : tensor.steps * tensor.size];
  }
}
