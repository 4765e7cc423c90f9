import { LstmdError } from '../../../base/errors.js';
import { LayerGraph, unknownLayer, type LayerUse } from './graph/layer-graph.js';
import { LayerOptions, show } from './layer-builder/layer-options.js';
import {
  shapeOf,
  type Argument,
  type BuiltLayer,
  type Tensor,
} from './layer-builder/layer-builder.js';
import { builderOf } from './registry.js';
import { WeightReader } from './layer-builder/weight-reader.js';
import { compare, ModelWeights, WeightCensus, type LayerPlace } from './model-weights.js';
import { NeedsWindow } from '../needs-window.js';
import type { LayerSummary } from '../../plan/stream-plan.js';
import { StepBuilder } from '../step-builder.js';
import {
  isModel,
  layerSpec,
  topologyOf,
  type LayerEntry,
  type TensorRef,
  type Topology,
} from './graph/topology.js';
import { WindowBuilder } from '../window-builder.js';

const mostUses = 2 ** 14;

/** What flows into one use of a layer. */
interface Feed {
  readonly inputs: readonly Tensor[];
  readonly initialState: readonly Tensor[];
  readonly args: readonly Argument[];
}

/** Walks a model's graph, and those of the models in it, and has every layer built in its turn. */
export class ModelWalk {
  readonly #summaries = new Map<string, { order: readonly number[]; summary: LayerSummary }>();

  #uses = 0;
  /** Inputs of the outermost model that are no stream. */
  readonly stateInputs: { readonly name: string; readonly size: number }[] = [];

  readonly #kerasMajor: number;
  readonly #weights: ModelWeights | WeightCensus;
  readonly #builder: StepBuilder | WindowBuilder;

  constructor(
    kerasMajor: number,
    weights: ModelWeights | WeightCensus,
    builder: StepBuilder | WindowBuilder,
  ) {
    this.#kerasMajor = kerasMajor;
    this.#weights = weights;
    this.#builder = builder;
  }

  /** In the order of the configuration. */
  get summaries(): LayerSummary[] {
    return [...this.#summaries.values()]
      .sort((a, b) => compare(a.order, b.order))
      .map(({ summary }) => summary);
  }

  /**
   * Builds a model; returns its outputs in order.
   *
   * @param at of the model; the outermost has an empty path
   * @param given what flows into a model that is a layer; null for the outermost
   */
  model(topology: Topology, at: LayerPlace, given: readonly Tensor[] | null): Tensor[] {
    for (const layer of topology.layers) {
      if (layer.custom !== null || !isModel(layer.className)) {
        builderOf(layer, labelOf(layer, at.path + layer.name));
      }
    }
    const graph = new LayerGraph(topology);
    const built = new Map<string, readonly Tensor[]>();
    const tensorOf = (reference: TensorRef): Tensor => {
      const outputs = built.get(graph.keyOf(reference));
      if (outputs === undefined) {
        throw unknownLayer(reference);
      }
      const tensor = outputs[reference.tensor];
      if (tensor === undefined) {
        throw new LstmdError(
          'model.malformed',
          `output ${reference.tensor} of layer "${reference.layer}" is asked for, which has ${outputs.length}`,
        );
      }
      return tensor;
    };
    for (const use of graph.uses) {
      const { layer, call, index } = use;
      const input = given?.[topology.inputs.indexOf(layer.name)];
      const feed = {
        inputs: masked(layer, call.inputs.map(tensorOf), call.mask && tensorOf(call.mask)),
        initialState: call.initialState.map(tensorOf),
        args: call.args.map((argument) =>
          'tensor' in argument ? { tensor: tensorOf(argument.tensor) } : argument,
        ),
      };
      built.set(
        graph.key(layer.name, index),
        given !== null && layer.className === 'InputLayer'
          ? [asGiven(layer, input)]
          : this.#use(use, at, topology.layers.indexOf(layer), feed),
      );
    }
    return topology.outputs.map(tensorOf);
  }

  #use(use: LayerUse, model: LayerPlace, position: number, feed: Feed): readonly Tensor[] {
    const { layer } = use;
    checkCall(use);
    // Models that are used twice in models that are used twice would be built without end.
    this.#uses += 1;
    if (this.#uses > mostUses) {
      throw new LstmdError('model.refused', `the model uses layers more than ${mostUses} times`);
    }
    if (model.path === '') {
      this.#builder.enter(layer.index);
    }
    const at = {
      path: model.path + layer.name,
      order: [...model.order, position],
      trainable: model.trainable && isTrainable(layer),
    };
    const before = stateSizeOf(this.#builder);
    const outputs = isModel(layer.className)
      ? this.#nested(layer, at, feed.inputs, this.#reader(layer, at), '')
      : this.#summarized(layer, at, feed);
    if (layer.calls.length > 1 && stateSizeOf(this.#builder) !== before) {
      throw new NeedsWindow(
        at.path,
        `${layer.className}: it keeps a state, and is used in ${layer.calls.length} places`,
      );
    }
    return outputs;
  }

  #summarized(layer: LayerEntry, at: LayerPlace, feed: Feed): readonly Tensor[] {
    const weights = this.#reader(layer, at);
    const { outputs, streaming } = this.#built(layer, at, feed, weights);
    const [output] = outputs;
    if (output?.fedBy === at.path) {
      this.stateInputs.push({ name: at.path, size: output.size });
    }
    this.#summaries.set(at.path, {
      order: at.order,
      summary: {
        name: at.path,
        className: layer.className,
        outputShape: output === undefined ? [] : shapeOf(output),
        ...weights.summary(),
        streaming: this.#builder.kind === 'step' || own.has(streaming) ? streaming : 'whole window',
      },
    });
    return outputs;
  }

  #reader(layer: LayerEntry, at: LayerPlace): WeightReader {
    return new WeightReader(at.path, labelOf(layer, at.path), this.#weights.shelf(at));
  }

  #built(layer: LayerEntry, at: LayerPlace, feed: Feed, weights: WeightReader): BuiltLayer {
    const label = labelOf(layer, at.path);
    const build = builderOf(layer, label);
    const options = new LayerOptions(label, layer.config);
    const built = build({
      name: at.path,
      className: layer.className,
      kerasMajor: this.#kerasMajor,
      ...feed,
      options,
      weights,
      builder: this.#builder,
      inner: (entry, input, place) => this.#inner(layerSpec(entry), input, place, at, weights),
    });
    options.finish();
    return built;
  }

  /** A layer that an option of the one at `outer` holds, and whose weights that one has. */
  #inner(
    layer: LayerEntry,
    input: Tensor,
    place: string,
    outer: LayerPlace,
    weights: WeightReader,
  ): readonly Tensor[] {
    const at = {
      path: `${outer.path}/${layer.name}`,
      order: [...outer.order, 0],
      trainable: outer.trainable && isTrainable(layer),
    };
    const feed = { inputs: [input], initialState: [], args: [] };
    if (isModel(layer.className)) {
      return this.#nested(layer, at, feed.inputs, weights, place);
    }
    const part = weights.part(layer.name, labelOf(layer, at.path), place);
    return this.#built(layer, at, feed, part).outputs;
  }

  /** A model that is a layer. */
  #nested(
    layer: LayerEntry,
    at: LayerPlace,
    inputs: readonly Tensor[],
    weights: WeightReader,
    place: string,
  ): readonly Tensor[] {
    const topology = topologyOf({ class_name: layer.className, config: layer.config });
    const inside = { ...at, path: `${at.path}/` };
    if (this.#weights instanceof ModelWeights && !this.#weights.hasFound(inside.path)) {
      const store = weights.nested(place);
      if (store !== undefined) {
        this.#weights.find(inside.path, topology, store);
      } else {
        const census = new WeightCensus();
        const [scratch, tensors] = this.#scratch(inputs);
        new ModelWalk(this.#kerasMajor, census, scratch).model(topology, inside, tensors);
        this.#weights.deal(inside.path, census, () => weights.next(place));
      }
    }
    return this.model(topology, inside, inputs);
  }

  /** A builder whose work is thrown away. Over a window nothing is refused that steps could not do. */
  #scratch(inputs: readonly Tensor[]): [StepBuilder | WindowBuilder, Tensor[]] {
    const { window } = this.#builder;
    const scratch = window === null ? new StepBuilder(undefined) : new WindowBuilder(window);
    return [
      scratch,
      inputs.map((tensor) => {
        const [steps, size] =
          tensor.form === 'flattened'
            ? [1, tensor.size * (tensor.cadence.count ?? 1)]
            : [tensor.form === 'vector' ? 1 : tensor.cadence.count, tensor.size];
        return {
          ...tensor,
          form: tensor.form === 'flattened' ? 'vector' : tensor.form,
          size,
          value: scratch.value(size, steps),
          mask: tensor.mask === null ? null : scratch.value(1, steps),
        };
      }),
    ];
  }
}

/** Said of layers that do the same in a stream and over a whole window. */
const own: ReadonlySet<string> = new Set(['identity', 'input']);

function stateSizeOf(builder: StepBuilder | WindowBuilder): number {
  return builder.kind === 'step' ? builder.laneStateSize : 0;
}

function isTrainable(layer: LayerEntry): boolean {
  return layer.config['trainable'] !== false;
}

function labelOf(layer: LayerEntry, path: string): string {
  return `layer "${path}" (${layer.className})`;
}

/** Arguments of a call that change nothing, or that nothing but training looks at. */
const isQuiet = (value: unknown): boolean => value === null || value === false;

function checkCall({ layer, call }: LayerUse): void {
  const refused = (what: string): LstmdError =>
    new LstmdError(
      'model.refused',
      `${labelOf(layer, layer.name)}: it is called with ${what}, which is not supported`,
    );
  if (!layer.isOperation) {
    for (const argument of call.args) {
      if ('constant' in argument && !isQuiet(argument.constant)) {
        throw refused(show(argument.constant));
      }
    }
  }
  for (const [key, value] of Object.entries(call.options)) {
    if (!isQuiet(value)) {
      throw refused(`${key}=${show(value)}`);
    }
  }
  if (layer.className !== 'InputLayer' && call.inputs.length === 0) {
    throw new LstmdError('model.malformed', `${labelOf(layer, layer.name)}: it has no input`);
  }
}

/** A mask that is spelled out holds for the first input, whatever that brings with it. */
function masked(layer: LayerEntry, inputs: Tensor[], mask: Tensor | null): Tensor[] {
  if (mask === null) {
    return inputs;
  }
  const [first, ...others] = inputs;
  if (mask.form !== 'mask' || first === undefined || others.length > 0) {
    throw new LstmdError(
      'model.refused',
      `${labelOf(layer, layer.name)}: it is called with a mask that no Masking layer made, which is not supported`,
    );
  }
  return [{ ...first, mask: mask.value }];
}

function asGiven(layer: LayerEntry, tensor: Tensor | undefined): Tensor {
  if (tensor === undefined) {
    throw new LstmdError('model.malformed', `${labelOf(layer, layer.name)}: nothing flows into it`);
  }
  return tensor;
}
