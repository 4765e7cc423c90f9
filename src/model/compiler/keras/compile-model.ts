import { LstmdError } from '../../../base/errors.js';
import { meet } from '../rate.js';
import type { ModelSource } from '../../files/model-source.js';
import { noStream } from './layer-builder/layer-inputs.js';
import type { NamedLayer, Tensor } from './layer-builder/layer-builder.js';
import { ModelWalk } from './model-walk.js';
import { ModelWeights } from './model-weights.js';
import { NeedsWindow } from '../needs-window.js';
import {
  modes,
  type LayerSummary,
  type ModelOutput,
  type StreamPlan,
} from '../../plan/stream-plan.js';
import { StepBuilder } from '../step-builder.js';
import { topologyOf, type Topology } from './graph/topology.js';
import { WindowBuilder } from '../window-builder.js';
import type { WindowPlan } from '../../plan/window-plan.js';

export interface StreamOptions {
  /** SHA-256 of the file. */
  readonly sha256: string;
  /** Steps of a window, for a model that takes any number. */
  readonly window?: number | undefined;
}

/**
 * Walks a model's graph and turns every layer into operations of one step; and, where these are not
 * exact in `sliding`, once more into operations over a whole window.
 *
 * @throws LstmdError `model.refused` naming the layer that would not be exact, `model.malformed`
 *   naming what contradicts the rest, `model.mode` for a window that is not the model's
 */
export function streamPlanOf(source: ModelSource, options: StreamOptions): StreamPlan {
  const topology = topologyOf(source.architecture);
  const model: Model = {
    topology,
    kerasMajor: source.kerasMajor,
    weights: new ModelWeights(),
  };
  model.weights.find('', topology, source.weights);

  const builder = new StepBuilder(options.window);
  const bySteps = stepsOf(model, builder);
  const byWindow = windowOf(model, builder);
  const modeVerdicts = builder.verdicts();
  const [unread] = source.weights.unread();
  if (unread !== undefined) {
    throw new LstmdError(
      'model.malformed',
      `no layer of the model has a place for weight ${unread}`,
    );
  }
  const built = bySteps ?? byWindow;
  if (built === undefined) {
    throw new LstmdError('model.refused', 'no mode is exact');
  }
  return {
    name: topology.name,
    origin: `Keras ${source.kerasVersion}, ${source.container}`,
    sha256: options.sha256,
    features: builder.features,
    window: builder.window,
    layers: built.layers,
    ops: bySteps === undefined ? [] : builder.ops,
    valueSizes: bySteps === undefined ? [builder.features] : builder.valueSizes,
    outputs: built.outputs,
    state: bySteps === undefined ? [] : builder.state,
    laneStateSize: bySteps === undefined ? 0 : builder.laneStateSize,
    windowPlan: byWindow?.plan ?? null,
    modes: modeVerdicts,
  };
}

interface Model {
  readonly topology: Topology;
  readonly kerasMajor: number;
  readonly weights: ModelWeights;
}

interface Built {
  readonly layers: readonly LayerSummary[];
  readonly outputs: readonly ModelOutput[];
}

/** Undefined where a layer needs the whole window; the builder then has it in its verdicts. */
function stepsOf(model: Model, builder: StepBuilder): Built | undefined {
  try {
    const { outputs, layers } = walk(model, builder);
    requireMeeting(outputs, builder);
    return { layers, outputs: outputs.map((output) => stepOutput(output, builder)) };
  } catch (error) {
    if (!(error instanceof NeedsWindow)) {
      throw error;
    }
    for (const mode of modes) {
      builder.rule(mode, error.layer, error.reason);
    }
    return undefined;
  }
}

/** Undefined where the steps are exact in `sliding`, or where there is no window. */
function windowOf(
  model: Model,
  steps: StepBuilder,
): (Built & { readonly plan: WindowPlan }) | undefined {
  if (steps.window === null || steps.isExact('sliding')) {
    return undefined;
  }
  const builder = new WindowBuilder(steps.window);
  const { outputs, layers } = walk(model, builder);
  steps.allow('sliding');
  return {
    plan: builder.plan(outputs.map(({ tensor }) => tensor.value)),
    layers,
    // By steps there is nothing to give.
    outputs: outputs.map(({ name, tensor }) => ({
      name,
      value: 0,
      size: tensor.size,
      heldOffset: null,
      holdsOffset: null,
    })),
  };
}

interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

function walk(
  { topology, kerasMajor, weights }: Model,
  builder: StepBuilder | WindowBuilder,
): { outputs: NamedTensor[]; layers: LayerSummary[] } {
  const modelWalk = new ModelWalk(kerasMajor, weights, builder);
  const tensors = modelWalk.model(topology, { path: '', order: [], trainable: true }, null);
  const fedBack = new Set<string>();
  const names = new Map<string, number>();
  const outputs = topology.outputs.flatMap(({ layer }, i): NamedTensor[] => {
    const tensor = tensors[i];
    if (tensor === undefined) {
      return [];
    }
    const { carriedBy } = tensor;
    if (carriedBy !== undefined && carriedBy.fedBy !== null) {
      fedBack.add(carriedBy.fedBy);
      return [];
    }
    const seen = names.get(layer) ?? 0;
    names.set(layer, seen + 1);
    return [{ name: seen === 0 ? layer : `${layer}_${seen}`, tensor }];
  });
  for (const { tensor } of outputs) {
    requireValue(tensor);
  }
  const unfed = modelWalk.stateInputs.find(({ name }) => !fedBack.has(name));
  if (unfed !== undefined) {
    throw noStream(unfed.name, unfed.size);
  }
  if (outputs.length === 0) {
    throw new LstmdError('model.refused', 'the model has no outputs but its own state');
  }
  return { outputs, layers: modelWalk.summaries };
}

/** @throws LstmdError `model.refused` for what has no floats of its own, NeedsWindow for what no step has whole */
function requireValue(tensor: Tensor): void {
  const { form, padding, flattenedBy, fedBy, carriedBy, size } = tensor;
  if (fedBy !== undefined) {
    throw noStream(fedBy, size);
  }
  if (form === 'mask' || form === 'comparison') {
    throw new LstmdError('model.refused', 'a mask as an output of the model is not supported');
  }
  if (form === 'state') {
    throw new LstmdError(
      'model.refused',
      `layer "${carriedBy?.layer ?? ''}": its state ${carriedBy?.role ?? ''} is an output of the model, but not fed back through an input (initial_state)`,
    );
  }
  if (padding !== undefined) {
    throw needsWindow(padding.layer, 'at the end it adds steps that no sample brings');
  }
  if (form === 'flattened' && flattenedBy !== undefined) {
    throw needsWindow(
      flattenedBy,
      'at the end it makes the whole window an output; before a Dense it is a sum over time',
    );
  }
}

function needsWindow({ name, className }: NamedLayer, reason: string): NeedsWindow {
  return new NeedsWindow(name, `${className}: ${reason}`);
}

/** In a stream a row of outputs is complete when all of them come at one sample. */
function requireMeeting(outputs: readonly NamedTensor[], builder: StepBuilder): void {
  for (const one of outputs) {
    for (const other of outputs) {
      if (!meet(one.tensor.cadence, other.tensor.cadence)) {
        builder.rule(
          'continuous',
          one.name,
          `its outputs and those of layer "${other.name}" never come at the same sample`,
        );
      }
    }
  }
}

function stepOutput({ name, tensor }: NamedTensor, builder: StepBuilder): ModelOutput {
  const { value, size, cadence, mayLack } = tensor;
  const isFresh = cadence.first === 0 && cadence.stride === 1 && mayLack !== true;
  return {
    name,
    value,
    size,
    heldOffset: isFresh ? null : builder.remember(name, 'held', size),
    holdsOffset: isFresh ? null : builder.remember(name, 'counter', 1),
  };
}
