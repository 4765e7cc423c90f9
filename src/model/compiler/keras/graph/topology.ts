import type { JsonObject } from '../../../../base/json.js';
import type { LayerEntry } from './layer-entry.js';

/** Output `tensor` of call `call` of a layer. */
export interface TensorRef {
  readonly layer: string;
  readonly call: number;
  readonly tensor: number;
}

/** An output of a model. */
export interface OutputRef extends TensorRef {
  /** The key of an output in a dict of outputs; null in a list. */
  readonly key: string | null;
}

/** One use of a layer. */
export interface LayerCall {
  readonly inputs: readonly TensorRef[];
  /** The states that a recurrent layer begins with, where they are not among the inputs (Keras 2). */
  readonly initialState: readonly TensorRef[];
  /** The mask that it is called with; Keras 3 writes out those that Masking makes. */
  readonly mask: TensorRef | null;
  /** The arguments in order: inputs, and constants where it is an operation. */
  readonly args: readonly CallArgument[];
  /** Tensors that are given by the name of an argument, e.g. `query`. */
  readonly named: Readonly<Record<string, TensorRef>>;
  /** The other arguments by name, e.g. `training`. */
  readonly options: JsonObject;
}

export type CallArgument = { readonly tensor: TensorRef } | { readonly constant: unknown };

/** A call without inputs and arguments. */
export const emptyCall: LayerCall = {
  inputs: [],
  initialState: [],
  mask: null,
  args: [],
  named: {},
  options: {},
};

/** A layer in a model's graph. */
export interface LayerSpec extends LayerEntry {
  readonly calls: readonly LayerCall[];
  /** Index in Keras' `model.layers`; null for the input layer of a Sequential, which is not in it. */
  readonly index: number | null;
}

/** A model's layers and how they are connected, in one form for all versions of Keras. */
export interface Topology {
  readonly name: string;
  readonly layers: readonly LayerSpec[];
  /** Names of its InputLayers, in the order of the model's inputs. */
  readonly inputs: readonly string[];
  /** The keys of inputs in a dict, by the names of their InputLayers. */
  readonly inputKeys?: ReadonlyMap<string, string>;
  readonly outputs: readonly OutputRef[];
}

/** All tensors that flow into a use of a layer. */
export function referencesOf({ inputs, initialState, mask, named }: LayerCall): TensorRef[] {
  return [...inputs, ...initialState, ...(mask === null ? [] : [mask]), ...Object.values(named)];
}
