import { LstmdError } from '../../base/errors.js';
import {
  modes,
  type LayerSummary,
  type ModelOutput,
  type OutputPart,
  type StreamPlan,
} from '../plan/stream-plan.js';
import type { InputAxis } from '../plan/input-options.js';
import type { IndexFeature, ModelInput } from '../plan/model-input.js';
import type { HalfPrecision } from '../plan/half-precision.js';
import type { WindowPlan } from '../plan/window-plan.js';
import {
  stepOutputs,
  streamOutputs,
  wholeOutputs,
  windowOutputs,
  type GraphOutput,
  type StateInput,
} from './model-outputs.js';
import { NeedsWindow } from './needs-window.js';
import type { PlanBuilder } from './plan-builder.js';
import { StepBuilder } from './step-builder.js';
import { WindowBuilder } from './window-builder.js';
import { wrongWindow } from './wrong-window.js';

/** A model's graph after all of its layers were built. */
export interface BuiltGraph {
  /** In the model's order. */
  readonly outputs: readonly GraphOutput[];
  /** Inputs that hold a state. */
  readonly stateInputs: readonly StateInput[];
  /** In the file's order. */
  readonly layers: readonly LayerSummary[];
  /** True when a layer carries its state from one call of the model to the next (`stateful`). */
  readonly isStateful?: boolean;
  /** The layers that Keras computes in 16 bits; null where there are none. */
  readonly halfPrecision: HalfPrecision | null;
}

/** A model that can be compiled, whichever framework wrote its file. */
export interface CompilableModel {
  readonly name: string;
  /** Says who wrote the file, for people to read. */
  readonly origin: string;
  /** Its inputs with a time axis, and the features that flow into each. */
  readonly inputs?: readonly ModelInput[];
  /**
   * Adds the operations of every layer to a builder. It is called once or twice, with another builder
   * each time.
   *
   * @throws NeedsWindow where the builder takes steps and a layer needs the whole window
   */
  build(builder: PlanBuilder): BuiltGraph;
  /** The numbers of its inputs without a time axis. */
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  /** True where the caller has said which inputs take samples, and the others are states. */
  readonly areStatesSaid?: boolean;
  /** Outputs that are the number of a class in the file (ArgMax) and the score of each in a row. */
  readonly classOutputs?: readonly string[];
  /** The axes of its input, where the caller has said them. */
  readonly inputAxes?: readonly InputAxis[] | undefined;
  /** Names of the losses that it was trained with, for its outputs; null where nothing tells. */
  lossesOf?(outputs: readonly string[]): readonly (string | null)[];
  /** Once it was built: the features that must be whole numbers. */
  indexFeatures?(): readonly IndexFeature[];
  /** Paths of the weights that no layer has asked for. */
  unreadWeights(): readonly string[];
}

export interface CompileOptions {
  /** SHA-256 of the model's files, lower-case hex. */
  readonly sha256: string;
  /** Steps of a window, for a model that takes any number. */
  readonly window?: number | undefined;
  /** Default `last`. */
  readonly outputs?: OutputPart | undefined;
}

/**
 * Compiles a model into operations of one step, and, where these are not exact in `sliding`, once
 * more into operations over a whole window.
 *
 * @throws LstmdError `model.refused` naming the layer that would not be exact, `model.malformed`
 *   naming what contradicts the rest, `model.mode` for a window that is not the model's
 */
export function compilePlan(model: CompilableModel, options: CompileOptions): StreamPlan {
  const builder = new StepBuilder(options.window);
  const isWhole = options.outputs === 'whole';
  const stepped = buildSteps(model, builder);
  if (isWhole) {
    requireWindow(model, builder);
  }
  const bySteps = isWhole ? undefined : stepped;
  const byWindow = buildWindow(model, builder, isWhole);
  const modeVerdicts = builder.verdicts();
  const [unread] = model.unreadWeights();
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
    name: model.name,
    origin: model.origin,
    sha256: options.sha256,
    features: builder.features,
    inputs: model.inputs ?? [],
    constants: model.constants ?? {},
    ...(model.areStatesSaid === true && { areStatesSaid: true }),
    ...(model.classOutputs !== undefined && { classOutputs: model.classOutputs }),
    ...(model.inputAxes !== undefined && { inputAxes: model.inputAxes }),
    indexFeatures: model.indexFeatures?.() ?? [],
    window: builder.window,
    layers: built.layers,
    ops: bySteps === undefined ? [] : builder.ops,
    valueSizes: bySteps === undefined ? [builder.features] : builder.valueSizes,
    outputs: built.outputs,
    losses:
      model.lossesOf?.(built.outputs.map(({ name }) => name)) ?? built.outputs.map(() => null),
    isStateful: built.isStateful ?? false,
    state: bySteps === undefined ? [] : builder.state,
    laneStateSize: bySteps === undefined ? 0 : builder.laneStateSize,
    windowPlan: byWindow?.plan ?? null,
    halfPrecision: built.halfPrecision,
    modes: modeVerdicts,
  };
}

interface Built extends Pick<BuiltGraph, 'layers' | 'halfPrecision' | 'isStateful'> {
  readonly outputs: readonly ModelOutput[];
}

/** @returns undefined where a layer needs the whole window; the builder then has it in its verdicts */
function buildSteps(model: CompilableModel, builder: StepBuilder): Built | undefined {
  try {
    const { outputs, stateInputs, ...built } = model.build(builder);
    return { ...built, outputs: stepOutputs(streamOutputs(outputs, stateInputs), builder) };
  } catch (error) {
    if (!(error instanceof NeedsWindow)) {
      throw error;
    }
    builder.ruleOut(modes, error.layer, error.reason);
    return undefined;
  }
}

/** Says that no step has the whole of an output: only a window that is computed at once has. */
function requireWindow(model: CompilableModel, builder: StepBuilder): void {
  if (builder.window === null) {
    throw wrongWindow(
      `${model.name} takes any number of steps: its whole output needs a window, model.window or --window`,
    );
  }
  for (const mode of modes) {
    builder.markInexact(
      mode,
      model.name,
      'all steps of its outputs were asked for, which only a whole window has: mode sliding, at stride ' +
        `${builder.window} for one window after the other`,
    );
  }
}

/** @returns undefined where the steps are exact in `sliding`, or where there is no window */
function buildWindow(
  model: CompilableModel,
  steps: StepBuilder,
  isWhole: boolean,
): (Built & { readonly plan: WindowPlan }) | undefined {
  if (steps.window === null || steps.isExact('sliding')) {
    return undefined;
  }
  const builder = new WindowBuilder(steps.window);
  const { outputs, stateInputs, ...built } = model.build(builder);
  const named = streamOutputs(outputs, stateInputs);
  steps.markExact('sliding');
  if (isWhole) {
    const { values, outputs: rows } = wholeOutputs(named, builder);
    return { plan: builder.plan(values), ...built, outputs: rows };
  }
  return {
    plan: builder.plan(named.map(({ tensor }) => tensor.value)),
    ...built,
    outputs: windowOutputs(named),
  };
}
