import type { JsonObject } from '../../../../base/json.js';
import type { PlanBuilder } from '../../plan-builder.js';
import type { ConstantArray, NamedLayer, Tensor } from '../../tensor.js';
import type { WeightReader } from '../weights/weight-reader.js';
import type { LayerOptions } from './layer-options.js';

/** An argument of a call, in order. */
export type Argument = { readonly tensor: Tensor } | { readonly constant: unknown };

/** The tensors and arguments that one use of a layer is called with. */
export interface LayerInputs {
  readonly inputs: readonly Tensor[];
  /** The states that a recurrent layer begins with, where they are not among the inputs. */
  readonly initialState: readonly Tensor[];
  /** True when the call itself gives the mask of the input. */
  readonly isMaskGiven: boolean;
  /** Inputs and constants, for an operation, which is not a layer. */
  readonly args: readonly Argument[];
  /** Tensors that are given by the name of an argument. */
  readonly named: Readonly<Record<string, Tensor>>;
  /** The other arguments of the call by name. */
  readonly callOptions: JsonObject;
}

/** The inputs of the model that a layer is in. */
export interface InputsOfModel {
  /** True when the whole sample is the only input with a time axis, as it is. */
  readonly isWholeSample: boolean;
  /** The features that flow into an input; undefined for one without a time axis. */
  featuresOf(name: string): readonly number[] | undefined;
  /** The numbers of an input without a time axis; undefined where they are not given. */
  constantOf(name: string): ConstantArray | undefined;
  /** Requires a feature to be a whole number from 0, below a number: other samples are refused. */
  requireIndex(feature: number, below: number): void;
}

/** How the samples of a window lie in an input that is not (steps, features). */
export interface WindowShape {
  /** Samples of a window; null where an axis of any size is among them. */
  readonly steps: number | null;
  /** Samples in one index of the first axis, which several samples may share. */
  readonly stepsEach: number;
  /** Floats of a sample. */
  readonly features: number;
  /** True when the model itself says so; else it is the usual meaning of such a shape. */
  readonly isCertain: boolean;
}

/** A use of a layer: what it is made of, and where its operations go. */
export interface LayerContext extends NamedLayer, LayerInputs {
  /** Major version of the Keras that wrote the file. */
  readonly kerasMajor: number;
  readonly modelInputs: InputsOfModel;
  readonly options: LayerOptions;
  readonly weights: WeightReader;
  readonly builder: PlanBuilder;
  /** How samples lie in this input of the model, of another shape than (steps, features); see `windowShapeOf`. */
  readonly windowShape: (shape: readonly (number | null)[]) => WindowShape | undefined;
  /**
   * Builds a layer that an option of this one holds; returns its outputs.
   *
   * @param entry `{ class_name, config }`
   * @param part of this layer where its weights lie, e.g. `layer`
   * @param initialState the states that it begins with, where it is a recurrent one
   */
  readonly inner: (
    entry: unknown,
    input: Tensor,
    part: string,
    initialState?: readonly Tensor[],
  ) => readonly Tensor[];
}

/** The result of building one use of a layer. */
export interface BuiltLayer {
  readonly outputs: readonly Tensor[];
  /** How the layer streams, in a few words for people to read. */
  readonly streaming: string;
}

/**
 * Turns a layer into operations of the plan: reads its options and its weights, and refuses by name
 * what it would not compute exactly.
 *
 * @throws LstmdError `model.refused`, `model.malformed`; NeedsWindow where the builder takes steps
 *   and the layer needs more than the steps so far
 */
export type LayerBuilder = (layer: LayerContext) => BuiltLayer;
