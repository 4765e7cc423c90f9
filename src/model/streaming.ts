import { LstmdError } from '../errors.js';
import type { ModelSource } from './archives/model-source.js';
import { LayerOptions, show } from './layers/layer-options.js';
import { shapeOf, type BuiltLayer, type Tensor } from './layers/layer.js';
import { layerBuilders } from './layers/registry.js';
import { WeightReader } from './layers/weight-reader.js';
import { PlanBuilder } from './plan-builder.js';
import type { LayerSummary, ModelOutput, StreamPlan } from './plan.js';
import {
  topologyOf,
  type LayerCall,
  type LayerSpec,
  type TensorRef,
  type Topology,
} from './topology.js';

export interface StreamOptions {
  /** SHA-256 of the file. */
  readonly sha256: string;
  /** Steps of a window, for a model that takes any number. */
  readonly window?: number | undefined;
}

/**
 * Walks a model's graph and turns every layer into operations of one step.
 *
 * @throws LstmdError `model.refused` naming the layer that would not be exact, `model.malformed`
 *   naming what contradicts the rest, `model.mode` for a window that is not the model's
 */
export function streamPlanOf(source: ModelSource, options: StreamOptions): StreamPlan {
  const { kerasMajor } = source;
  const topology = topologyOf(source.architecture);
  for (const layer of topology.layers) builderOf(layer);
  // Keras numbers the weights' places in the order of the configuration, not of the computation.
  const stored = new Map(
    topology.layers.map(({ name, className }) => [name, source.weights.layer(name, className)]),
  );

  const builder = new PlanBuilder(options.window);
  const tensors = new Map<string, Tensor>();
  const summaries = new Map<string, LayerSummary>();
  for (const layer of inOrder(topology)) {
    const layerOptions = new LayerOptions(labelOf(layer), layer.config);
    const weights = new WeightReader(layer.name, layerOptions, stored.get(layer.name) ?? noWeights);
    builder.enter(layer.index);
    const { output, streaming }: BuiltLayer = builderOf(layer)({
      name: layer.name,
      kerasMajor,
      inputs: callOf(layer).inputs.map((input) => tensorOf(tensors, input)),
      options: layerOptions,
      weights,
      builder,
    });
    layerOptions.finish();
    tensors.set(layer.name, output);
    const { name, className } = layer;
    const outputShape = shapeOf(output);
    summaries.set(name, { name, className, outputShape, ...weights.summary(), streaming });
  }
  const [unread] = source.weights.unread();
  if (unread !== undefined)
    throw new LstmdError(
      'model.malformed',
      `no layer of the model has a place for weight ${unread}`,
    );

  const outputs = topology.outputs.map((output) => outputOf(tensors, output));
  const modes = builder.verdicts();
  return {
    name: topology.name,
    origin: `Keras ${source.kerasVersion}, ${source.container}`,
    sha256: options.sha256,
    features: builder.valueSizes[0] ?? 0,
    window: builder.window,
    layers: topology.layers.flatMap(({ name }) => summaries.get(name) ?? []),
    ops: builder.ops,
    valueSizes: builder.valueSizes,
    outputs,
    state: builder.state,
    laneStateSize: builder.laneStateSize,
    windowPlan: null,
    modes,
  };
}

const noWeights = { next: () => undefined };

function labelOf(layer: LayerSpec): string {
  return `layer "${layer.name}" (${layer.className})`;
}

function builderOf(layer: LayerSpec) {
  const build = layerBuilders.get(layer.className);
  if (layer.custom !== null)
    throw new LstmdError(
      'model.refused',
      `${labelOf(layer)}: it is a class of package "${layer.custom}", whose code is not in the file`,
    );
  if (build === undefined)
    throw new LstmdError(
      'model.refused',
      `${labelOf(layer)}: ${layer.className} layers are not supported`,
    );
  return build;
}

/** Each layer after those that feed it, whichever order the file has them in. */
function inOrder({ layers }: Topology): LayerSpec[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const waitingFor = new Map<LayerSpec, number>();
  const fed = new Map<LayerSpec, LayerSpec[]>();
  for (const layer of layers) {
    const { inputs } = callOf(layer);
    waitingFor.set(layer, inputs.length);
    for (const input of inputs) {
      const feeder = byName.get(input.layer);
      if (feeder === undefined) throw unknownLayer(input);
      fed.set(feeder, [...(fed.get(feeder) ?? []), layer]);
    }
  }
  const ordered = layers.filter((layer) => waitingFor.get(layer) === 0);
  // Grows while it is walked: a layer joins when the last of its inputs has been walked.
  for (const layer of ordered)
    for (const next of fed.get(layer) ?? []) {
      const waiting = (waitingFor.get(next) ?? 0) - 1;
      waitingFor.set(next, waiting);
      if (waiting === 0) ordered.push(next);
    }
  if (ordered.length < layers.length)
    throw new LstmdError('model.malformed', 'the layers feed each other in a circle');
  return ordered;
}

/** Arguments of a call that change nothing, or that nothing but training looks at. */
const quiet = (value: unknown): boolean => value === null || value === false;

function callOf(layer: LayerSpec): LayerCall {
  const [call] = layer.calls;
  if (call === undefined || layer.calls.length !== 1)
    throw new LstmdError(
      'model.refused',
      `${labelOf(layer)}: it is used ${layer.calls.length} times; a layer in several places is not supported`,
    );
  for (const [key, value] of Object.entries(call.options))
    if (!quiet(value))
      throw new LstmdError(
        'model.refused',
        `${labelOf(layer)}: it is called with ${key}=${show(value)}, which is not supported`,
      );
  if (layer.className !== 'InputLayer' && call.inputs.length === 0)
    throw new LstmdError('model.malformed', `${labelOf(layer)}: it has no input`);
  return call;
}

function tensorOf(tensors: ReadonlyMap<string, Tensor>, reference: TensorRef): Tensor {
  const tensor = tensors.get(reference.layer);
  if (tensor === undefined) throw unknownLayer(reference);
  if (reference.tensor !== 0)
    throw new LstmdError(
      'model.malformed',
      `output ${reference.tensor} of layer "${reference.layer}" is asked for, which has one`,
    );
  return tensor;
}

function outputOf(tensors: ReadonlyMap<string, Tensor>, reference: TensorRef): ModelOutput {
  const tensor = tensorOf(tensors, reference);
  if (tensor.form === 'flattened')
    throw new LstmdError(
      'model.refused',
      `layer "${tensor.flattenedBy ?? reference.layer}" (Flatten): the whole flattened window is an output of the model; only a Dense may follow`,
    );
  return {
    name: reference.layer,
    value: tensor.value,
    size: tensor.size,
    heldOffset: null,
    holdsOffset: null,
  };
}

function unknownLayer(reference: TensorRef): LstmdError {
  return new LstmdError(
    'model.malformed',
    `the model's configuration refers to a layer "${reference.layer}" that it does not have`,
  );
}
