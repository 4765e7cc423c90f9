import { autoEngine, reportEngines, type EngineReport } from '../../engine/engine-report.js';
import { multiplyAdds, multiplyAddsPerSample } from '../../engine/cost.js';
import { programOf } from '../../engine/program/program.js';
import type { WeightFormat } from '../../engine/program/weight-format.js';
import { thisWeightMachine } from '../../engine/weight-machine.js';
import { fasterFormats } from '../../engine/weight-speed.js';
import {
  modes,
  type LayerSummary,
  type Mode,
  type StreamPlan,
} from '../../model/plan/stream-plan.js';
import {
  expectedDifference,
  halfPrecisionText,
  type HalfPrecision,
} from '../../model/plan/half-precision.js';
import { table } from '../terminal/table.js';
import { recommend, recommendationText, type Recommendation } from './recommendation.js';

/** The description of a plan that `lstmd inspect` prints; with `--json` it is printed as it is. */
export interface PlanDescription {
  readonly name: string;
  readonly origin: string;
  readonly sha256: string;
  readonly features: number;
  /** The inputs with a time axis, and which features of a sample flow into each. */
  readonly inputs: StreamPlan['inputs'];
  /** The numbers of the others. */
  readonly constants: StreamPlan['constants'];
  /** The features that must be whole numbers, and the first that is too large. */
  readonly indexFeatures: StreamPlan['indexFeatures'];
  readonly window: number | null;
  readonly parameters: number;
  readonly layers: readonly LayerSummary[];
  /** The layers that Keras computes in 16 bits, and the difference to expect of outputs up to 1; null where there are none. */
  readonly halfPrecision: (HalfPrecision & { readonly expectedDifference: number }) | null;
  readonly outputs: readonly {
    readonly name: string;
    /** Floats in a row of the last step. */
    readonly size: number;
    readonly shape: readonly (number | null)[];
    readonly task: string;
  }[];
  readonly state: readonly { readonly name: string; readonly size: number }[];
  readonly multiplyAddsPerStep: number;
  /** Formats of large matrices that are faster than float32 on this machine, the fastest first. */
  readonly fasterWeights: readonly WeightFormat[];
  readonly engine: {
    readonly name: string;
    readonly target: string;
    readonly fallbackReason?: string;
  };
  /** For every engine whether it runs this model here, or why not. */
  readonly engines: readonly EngineReport[];
  readonly modes: Readonly<Record<Mode, ModeDescription>>;
  readonly recommendation: Recommendation;
}

export type ModeDescription =
  | {
      readonly exact: true;
      /** In `sliding` at stride 1, where each sample steps every lane. */
      readonly multiplyAddsPerSample: number;
      readonly stateBytes: number;
      /** Samples after a reset until an output is warm. */
      readonly warmupSamples: number;
    }
  | { readonly exact: false; readonly layer: string; readonly reason: string };

/**
 * Describes a plan, with an engine that runs here for the first mode that is exact.
 *
 * @param plan is not to be used afterwards: an engine takes its weights
 * @param file the model's path, for the lines of a configuration
 */
export async function describePlan(plan: StreamPlan, file: string): Promise<PlanDescription> {
  const recommendation = recommend(plan, file);
  const perStep = multiplyAdds(plan);
  const fasterWeights = fasterFormats(plan, await thisWeightMachine());
  const describeMode = (mode: Mode): ModeDescription => {
    const verdict = plan.modes[mode];
    if (!verdict.exact) {
      return verdict;
    }
    const program = programOf(plan, { mode });
    return {
      exact: true,
      multiplyAddsPerSample: multiplyAddsPerSample(program),
      stateBytes: program.stateSize * Float32Array.BYTES_PER_ELEMENT,
      warmupSamples: program.warmupSamples,
    };
  };
  const descriptions = {
    continuous: describeMode('continuous'),
    sequence: describeMode('sequence'),
    sliding: describeMode('sliding'),
  };
  const runnable = modes.find((mode) => plan.modes[mode].exact);
  const engines =
    runnable === undefined ? [] : await reportEngines(programOf(plan, { mode: runnable }));
  return {
    name: plan.name,
    origin: plan.origin,
    sha256: plan.sha256,
    features: plan.features,
    inputs: plan.inputs,
    constants: plan.constants,
    indexFeatures: plan.indexFeatures,
    window: plan.window,
    parameters: plan.layers.reduce((sum, layer) => sum + layer.parameters, 0),
    layers: plan.layers,
    halfPrecision: plan.halfPrecision && {
      ...plan.halfPrecision,
      expectedDifference: expectedDifference(plan.halfPrecision),
    },
    outputs: plan.outputs.map(({ name, size, shape }, i) => ({
      name,
      size,
      shape,
      task: recommendation.tasks[i]?.task ?? '',
    })),
    state: plan.state.map(({ layer, role, size }) => ({ name: `${layer}/${role}`, size })),
    multiplyAddsPerStep: perStep,
    fasterWeights,
    engine:
      runnable === undefined
        ? { name: 'none', target: 'none', fallbackReason: 'no mode is exact' }
        : autoEngine(engines),
    engines,
    modes: descriptions,
    recommendation,
  };
}

/** The description for people, in the manner of Keras' `model.summary()`. */
export function planText(plan: PlanDescription): string {
  const rows = [
    ['layer', 'output', 'parameters', 'streams as', 'weights'],
    ...plan.layers.map((layer) => [
      `${layer.name} (${layer.className})`,
      shapeText(layer.outputShape),
      layer.parameters.toLocaleString('en'),
      layer.streaming,
      layer.weights.map(({ name, shape }) => `${name} ${shapeText(shape)}`).join('  '),
    ]),
  ];
  const lines = [
    `${plan.name}   ${plan.origin}   sha256 ${plan.sha256.slice(0, 12)}`,
    `input   ${plan.features} features, ${plan.window === null ? 'any number of steps' : `${plan.window} steps`}`,
    ...arrayText(plan),
    ...inputsText(plan),
    '',
    ...table(rows),
    '',
    `parameters   ${plan.parameters.toLocaleString('en')}`,
    `outputs      ${plan.outputs.map(outputText).join(', ')}`,
    `state        ${stateText(plan)}`,
    ...(plan.halfPrecision === null
      ? []
      : [`precision    ${halfPrecisionText(plan.halfPrecision)}`]),
    ...(plan.multiplyAddsPerStep > 0
      ? [`one step     ${plan.multiplyAddsPerStep.toLocaleString('en')} multiply-adds`]
      : []),
    ...(plan.multiplyAddsPerStep > 0 ? [`weights      ${weightsText(plan.fasterWeights)}`] : []),
    `engine       ${plan.engine.name} (${plan.engine.target})${plan.engine.fallbackReason === undefined ? '' : `: ${plan.engine.fallbackReason}`}`,
    ...plan.engines.map(
      (engine) =>
        `  ${engine.name.padEnd(9)}  ${engine.runs ? `runs (${engine.target})` : `does not run: ${engine.reason}`}`,
    ),
    '',
    ...table([
      ['mode', 'exact', 'multiply-adds a sample', 'state bytes', 'warm after'],
      ...modes.map((mode) => modeRow(mode, plan.modes[mode])),
    ]),
    ...modes.flatMap((mode) => {
      const verdict = plan.modes[mode];
      return verdict.exact ? [] : [`  ${mode}: ${verdict.layer}: ${verdict.reason}`];
    }),
    '',
    ...recommendationText(plan.recommendation),
  ];
  return `${lines.join('\n')}\n`;
}

/** Says in which format large matrices are best kept here. */
function weightsText(faster: readonly WeightFormat[]): string {
  return faster.length === 0
    ? 'f32: bf16 and int8 are no faster on this machine for a model of this size'
    : `${faster.join(' or ')} is faster here than f32, and less accurate: lstmd verify --weights ${faster[0]}`;
}

/** Says which features flow into which of several inputs, constants, and features that are rows of a table. */
function inputsText({ inputs, constants, indexFeatures }: PlanDescription): string[] {
  return [
    ...(inputs.length > 1
      ? inputs.map(({ name, features }) => `  ${name}   features ${countedFromOne(features)}`)
      : []),
    ...Object.entries(constants).map(
      ([name, numbers]) => `  ${name}   constant ${numbers.join(', ')}`,
    ),
    ...indexFeatures.map(
      ({ feature, below }) =>
        `  feature ${feature + 1} must be a whole number from 0 to ${below - 1}: a sample with any other is refused`,
    ),
  ];
}

/** Says how samples lie in an input of another shape than (steps, features), whose axes could be read in two ways. */
function arrayText({
  layers,
  inputs,
  constants,
  window,
  features,
}: PlanDescription): readonly string[] {
  const shape = layers.find(({ className }) => className === 'InputLayer')?.outputShape ?? [];
  const [parts] = shape;
  const isAlone = inputs.length < 2 && Object.keys(constants).length === 0;
  if (!isAlone || window === null || parts === null || parts === undefined || shape.length < 3) {
    return [];
  }
  const each = window / parts;
  return [
    each > 1
      ? `window  ${shapeText(shape)} is read as ${parts} parts of ${each} samples of ${features} features: the window is all ${window} samples, and what its first layers call a step is a part`
      : `window  ${shapeText(shape)} is read as ${window} samples, each of which is ${features} features: row by row what lies behind the first axis`,
  ];
}

/** `probability (1)`, or `window (16, 3), of which a step gives the last` with a time axis. */
function outputText({ name, shape }: PlanDescription['outputs'][number]): string {
  return `${name} ${shapeText(shape)}${shape.length > 1 ? ', of which a record has the last step or, where asked for, all' : ''}`;
}

function stateText({ state, modes: { sliding }, window, features }: PlanDescription): string {
  if (state.length > 0) {
    return state.map(({ name, size }) => `${name} (${size})`).join(', ');
  }
  return sliding.exact && window !== null
    ? `the last ${window} samples (${window * features})`
    : 'none';
}

function modeRow(mode: Mode, verdict: ModeDescription): string[] {
  if (!verdict.exact) {
    return [mode, 'refused', '', '', ''];
  }
  return [
    mode,
    'yes',
    verdict.multiplyAddsPerSample.toLocaleString('en'),
    verdict.stateBytes.toLocaleString('en'),
    `${verdict.warmupSamples} samples`,
  ];
}

function shapeText(shape: readonly (number | null)[]): string {
  return `(${shape.map((size) => size ?? 'any').join(', ')})`;
}

function countedFromOne(features: readonly number[]): string {
  return features.map((one) => one + 1).join(', ');
}
