import { LstmdError } from '../../../base/errors.js';
import type { BuiltGraph } from '../compile-plan.js';
import type { StateInput } from '../model-outputs.js';
import { halfPrecisionOf, type HalfType } from '../../plan/half-precision.js';
import { NeedsWindow } from '../needs-window.js';
import type { PlanBuilder } from '../plan-builder.js';
import { shapeOf, type Tensor } from '../tensor.js';
import { BuiltTensors } from './built-tensors.js';
import { discoveryBuilder } from './discovery-builder.js';
import { isModelClass, readLayerEntry, type LayerEntry } from './graph/layer-entry.js';
import { usesInOrder, type LayerUse } from './graph/layer-uses.js';
import { readTopology } from './graph/read-topology.js';
import type { Topology } from './graph/topology.js';
import { checkCall, labelOf, maskedInputs } from './layer-call.js';
import { withConstantValues } from './constant-inputs.js';
import { foldedLayer } from './layers/constant-layers.js';
import type { ModelInputs } from './model-inputs.js';
import type { BuiltLayer, LayerContext, LayerInputs } from './layer-builder/layer-context.js';
import { LayerOptions } from './layer-builder/layer-options.js';
import { LayerSummaries } from './layer-summaries.js';
import { builderOf } from './registry.js';
import { outermost, placeInside, type LayerPlace } from './weights/layer-place.js';
import { ModelWeights } from './weights/model-weights.js';
import type { WeightLookup } from './weights/weight-lookup.js';
import { WeightOrder } from './weights/weight-order.js';
import { WeightReader } from './weights/weight-reader.js';
import { windowShapeOf } from './window-shape.js';

/** Models that are used twice in models that are used twice would be built without end. */
const maxUses = 2 ** 14;

/** Walks a model's graph, and those of the models in it, and has every layer built in its turn. */
export class ModelWalk {
  readonly #summaries = new LayerSummaries();
  readonly #stateInputs: StateInput[] = [];
  readonly #halfLayers = new Map<string, HalfType>();
  #uses = 0;
  #isStateful = false;
  #outermost: Topology | undefined;

  readonly #kerasMajor: number;
  readonly #inputs: ModelInputs;
  readonly #weights: WeightLookup;
  readonly #builder: PlanBuilder;

  constructor(
    kerasMajor: number,
    inputs: ModelInputs,
    weights: WeightLookup,
    builder: PlanBuilder,
  ) {
    this.#kerasMajor = kerasMajor;
    this.#inputs = inputs;
    this.#weights = weights;
    this.#builder = builder;
  }

  /** Builds the model that the file holds. */
  walk(topology: Topology): BuiltGraph {
    this.#inputs.open(this.#builder);
    this.#outermost = topology;
    const tensors = this.#model(topology, outermost, null);
    const outputs = tensors.map((tensor, i) => ({
      name: topology.outputs[i]?.key ?? null,
      layer: topology.outputs[i]?.layer ?? '',
      tensor,
    }));
    return {
      outputs,
      stateInputs: this.#stateInputs,
      layers: this.#summaries.inOrder(),
      isStateful: this.#isStateful,
      halfPrecision: halfPrecisionOf([...this.#halfLayers].map(([name, type]) => ({ name, type }))),
    };
  }

  /**
   * Builds a nested model for the order in which its layers ask for their weights.
   *
   * @param inputs the tensors that flow into the model
   */
  #discoverOrder(topology: Topology, place: LayerPlace, inputs: readonly Tensor[]): WeightOrder {
    const order = new WeightOrder();
    const discovery = discoveryBuilder(this.#builder.window, inputs);
    const walk = new ModelWalk(this.#kerasMajor, this.#inputs, order, discovery.builder);
    this.#inputs.withoutRequirements(() => walk.#model(topology, place, discovery.inputs));
    return order;
  }

  /**
   * Builds a model; returns its outputs in order.
   *
   * @param given the tensors that flow into a nested model; null for the outermost
   */
  #model(topology: Topology, place: LayerPlace, given: readonly Tensor[] | null): Tensor[] {
    const places = topology.layers.map((layer, i) => placeInside(place, layer, i));
    for (const [i, layer] of topology.layers.entries()) {
      // Every class is looked up first: an unknown one is named before anything else is at fault.
      if (layer.custom !== null || !isModelClass(layer.className)) {
        builderOf(layer, labelOf(layer, places[i]?.path ?? ''));
      }
    }
    const built = new BuiltTensors();
    for (const use of usesInOrder(topology)) {
      const { layer, call, index } = use;
      const inputs = {
        inputs: maskedInputs(
          layer,
          call.inputs.map((input) => built.get(input)),
          call.mask && built.get(call.mask),
        ),
        initialState: call.initialState.map((state) => built.get(state)),
        isMaskGiven: call.mask !== null,
        args: call.args.map((argument) =>
          'tensor' in argument ? { tensor: built.get(argument.tensor) } : argument,
        ),
        named: Object.fromEntries(
          Object.entries(call.named).map(([key, tensor]) => [key, built.get(tensor)]),
        ),
        callOptions: call.options,
      };
      const isGiven = given !== null && layer.className === 'InputLayer';
      const layerPlace = places[topology.layers.indexOf(layer)] ?? place;
      built.add(
        layer.name,
        index,
        isGiven
          ? [requireGiven(layer, given[topology.inputs.indexOf(layer.name)])]
          : this.#use(use, layerPlace, inputs),
      );
    }
    return topology.outputs.map((output) => built.get(output));
  }

  /** Builds one use of a layer, which may be a model. */
  #use(use: LayerUse, place: LayerPlace, inputs: LayerInputs): readonly Tensor[] {
    const { layer } = use;
    checkCall(use);
    this.#uses += 1;
    if (this.#uses > maxUses) {
      throw new LstmdError('model.refused', `the model uses layers more than ${maxUses} times`);
    }
    const isInOutermost = place.order.length === 1;
    if (isInOutermost) {
      this.#builder.beginLayer(layer.index);
    }
    const before = stateSizeOf(this.#builder);
    const weights = this.#readerOf(layer, place);
    const outputs = isModelClass(layer.className)
      ? this.#nested(layer, place, inputs.inputs, weights, '')
      : this.#summarized(layer, place, inputs, weights);
    if (layer.calls.length > 1 && stateSizeOf(this.#builder) !== before) {
      throw new NeedsWindow(
        { name: place.path, className: layer.className },
        `it keeps a state, and is used in ${layer.calls.length} places`,
      );
    }
    return outputs;
  }

  #readerOf(layer: LayerEntry, place: LayerPlace): WeightReader {
    return new WeightReader(place.path, labelOf(layer, place.path), this.#weights.cursor(place));
  }

  #summarized(
    layer: LayerEntry,
    place: LayerPlace,
    inputs: LayerInputs,
    weights: WeightReader,
  ): readonly Tensor[] {
    const { outputs, streaming } = this.#layer(layer, place, inputs, weights);
    const [output] = outputs;
    if (output?.stateInput?.name === place.path) {
      this.#stateInputs.push({ ...output.stateInput, size: output.size });
    }
    this.#summaries.add(place, {
      name: place.path,
      className: layer.className,
      outputShape: output === undefined ? [] : shapeOf(output),
      ...weights.summary(),
      streaming:
        this.#builder.kind === 'step' || sameOverWindow.has(streaming) ? streaming : 'whole window',
    });
    return outputs;
  }

  #layer(
    layer: LayerEntry,
    place: LayerPlace,
    inputs: LayerInputs,
    weights: WeightReader,
  ): BuiltLayer {
    const label = labelOf(layer, place.path);
    const build = builderOf(layer, label);
    const options = new LayerOptions(label, layer.config, hasOwnType(layer));
    const named = { name: place.path, className: layer.className };
    const context: LayerContext = {
      ...named,
      kerasMajor: this.#kerasMajor,
      modelInputs: this.#inputs,
      ...inputs,
      options,
      weights,
      builder: this.#builder,
      windowShape: (shape) => this.#outermost && windowShapeOf(this.#outermost, layer.name, shape),
      inner: (entry, input, part, initialState = []) =>
        this.#inner(readLayerEntry(entry), { input, initialState }, part, place, weights),
    };
    const isOperation = layer.isOperation;
    this.#isStateful ||= layer.config['stateful'] === true;
    const built =
      foldedLayer(context) ??
      build({
        ...context,
        ...withConstantValues({ ...named, isOperation }, this.#builder, inputs),
      });
    options.finish();
    if (options.halfType !== null) {
      this.#halfLayers.set(place.path, options.halfType);
    }
    return built;
  }

  /** Builds a layer that an option of the one at `outer` holds, and whose weights are among that one's. */
  #inner(
    layer: LayerEntry,
    { input, initialState }: { readonly input: Tensor; readonly initialState: readonly Tensor[] },
    part: string,
    outer: LayerPlace,
    weights: WeightReader,
  ): readonly Tensor[] {
    const place = placeInside(outer, layer, 0);
    const inputs: LayerInputs = {
      inputs: [input],
      initialState,
      // Whoever holds a layer calls it with the mask.
      isMaskGiven: true,
      args: [],
      named: {},
      callOptions: {},
    };
    if (isModelClass(layer.className)) {
      return this.#nested(layer, place, inputs.inputs, weights, part);
    }
    const partWeights = weights.part(layer.name, labelOf(layer, place.path), part);
    return this.#layer(layer, place, inputs, partWeights).outputs;
  }

  /** Builds a model that is a layer, or that an option of one holds. */
  #nested(
    layer: LayerEntry,
    place: LayerPlace,
    inputs: readonly Tensor[],
    weights: WeightReader,
    part: string,
  ): readonly Tensor[] {
    const topology = readTopology({ class_name: layer.className, config: layer.config });
    const known = this.#weights;
    if (known instanceof ModelWeights && !known.isLocated(place)) {
      const store = weights.nested(part);
      if (store !== undefined) {
        known.locate(place, topology, store);
      } else {
        const order = this.#discoverOrder(topology, place, inputs);
        known.divide(place, order, () => weights.nextUnchecked(part));
      }
    }
    return this.#model(topology, place, inputs);
  }
}

/** Words for how a layer streams that are true step by step and over a whole window. */
const sameOverWindow: ReadonlySet<string> = new Set(['identity', 'input', 'constant']);

/** Returns whether `dtype` is the type of the tensor that comes out, which the builder reads. */
function hasOwnType({ isOperation, className }: LayerEntry): boolean {
  return isOperation || className === 'InputLayer';
}

function stateSizeOf(builder: PlanBuilder): number {
  return builder.kind === 'step' ? builder.laneStateSize : 0;
}

function requireGiven(layer: LayerEntry, tensor: Tensor | undefined): Tensor {
  if (tensor === undefined) {
    throw new LstmdError('model.malformed', `${labelOf(layer, layer.name)}: nothing flows into it`);
  }
  return tensor;
}
