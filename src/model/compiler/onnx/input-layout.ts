import { LstmdError } from '../../../base/errors.js';
import { wrongInput } from '../fed-inputs.js';
import { printableName } from '../../../base/printable-text.js';
import type { InputAxis, InputOptions } from '../../plan/input-options.js';
import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../../source/onnx-source.js';
import { sizesText } from './declared-shape.js';
import type { GraphInputs } from './sensor-input.js';
import type { Axis } from './values/value.js';

/** Holds what the axes of the sensor's input are. */
export interface InputLayout {
  readonly axes: readonly InputAxis[];
  /** Features of a step; 1 where no axis has them. */
  readonly features: number;
  /** Steps of a window as the file says; null for any number. */
  readonly steps: number | null;
  /** Lanes of the batch as the file says; 1 for any number. */
  readonly batch: number;
  /** True when the file itself calls this axis the time. */
  readonly isTimeNamed: boolean;
  /** True when the model takes one step at each call. */
  readonly isOneStep: boolean;
}

const orders: readonly (readonly InputAxis[])[] = [
  ['time'],
  ['time', 'features'],
  ['batch', 'features'],
  ['batch', 'time'],
  ['time', 'batch'],
  ['batch', 'time', 'features'],
  ['time', 'batch', 'features'],
  ['batch', 'features', 'time'],
  ['batch', '1', 'time', 'features'],
  ['batch', 'time', '1', 'features'],
  ['batch', 'features', '1', 'time'],
  ['batch', 'features', 'time', '1'],
  ['batch', '1', 'features', 'time'],
  ['batch', 'time', 'features', '1'],
];

/** Names that people give to the axis of time in `dynamic_axes` and `dynamic_shapes`. */
const timeName = /^(time|(time_?)?steps|seq|seq_?len(gth)?|sequence|sequence_length|window)$/i;

/** Features that a sample may have. */
const maxFeatures = 2 ** 16;

const floatType = /^(b?float16|float32|float64)$/;

/** Layouts of several inputs at once that are tried. */
const maxCombinations = 256;

/**
 * Every layout of each of the sensor's inputs, those that are the most common first; of several inputs all see the same
 * steps.
 *
 * @throws LstmdError `usage.invalid` for axes or features that the options say and an input does not have
 */
export function possibleLayouts(
  { sensors }: GraphInputs,
  graph: OnnxGraph,
  options: InputOptions,
): (readonly InputLayout[])[] {
  const each = sensors.map((sensor) => layoutsOf(sensor, graph, options));
  let combined: (readonly InputLayout[])[] = [[]];
  for (const layouts of each) {
    combined = combined
      .flatMap((before) => layouts.map((layout) => before.concat(layout)))
      .filter(haveSameSteps)
      .slice(0, maxCombinations);
  }
  if (combined.length === 0) {
    const names = sensors.map(({ name, shape }) => `"${printableName(name)}" ${sizesText(shape)}`);
    throw new LstmdError(
      'model.refused',
      `inputs ${names.join(' and ')} do not take the same steps of one sensor: one that is the same at all times is a constant, model.constants (--constant)`,
    );
  }
  return combined;
}

function haveSameSteps(layouts: readonly InputLayout[]): boolean {
  const counts = layouts.flatMap(({ steps }) => (steps === null ? [] : [steps]));
  const [first] = layouts;
  return (
    new Set(counts).size <= 1 && layouts.every(({ isOneStep }) => isOneStep === first?.isOneStep)
  );
}

/** Every layout that the declared shape of an input allows. */
function layoutsOf(
  input: OnnxValueInfo,
  graph: OnnxGraph,
  { inputAxes: asked, inputs }: InputOptions,
): InputLayout[] {
  const shape = input.shape ?? asked?.map(() => null) ?? [null, null, null];
  const label = `"${printableName(input.name)}" of shape ${sizesText(input.shape)}`;
  if (asked !== undefined && asked.length !== shape.length) {
    throw wrongInput('axes', `input ${label} has ${shape.length} axes, not ${asked.join(', ')}`);
  }
  if (!floatType.test(input.type)) {
    throw new LstmdError(
      'model.refused',
      `input ${label} is of ${input.type}: a stream has the readings of a sensor, which are floats; numbers that are the same at all times are model.constants (--constant)`,
    );
  }
  if (shape.some((size) => typeof size === 'number' && size < -1)) {
    throw new LstmdError('model.malformed', `input ${label} has an axis below 0`);
  }
  const fed = inputs?.[input.name]?.length;
  const found = (asked === undefined ? orders : [asked])
    .filter((axes) => axes.length === shape.length)
    .flatMap((axes) => layoutsWith(axes, shape, graph, fed));
  const isOtherRank = !orders.some((axes) => axes.length === shape.length);
  if (found.length === 0 && isOtherRank && asked === undefined) {
    throw new LstmdError(
      'model.refused',
      `input ${label} has ${shape.length} axes, in place of (batch, time, features)`,
    );
  }
  if (found.length === 0 && asked !== undefined) {
    throw wrongInput('axes', `input ${label} is not (${asked.join(', ')})`);
  }
  if (found.length === 0 && fed !== undefined) {
    throw wrongInput('inputs', `${label} has no axis of ${fed} features`);
  }
  return found;
}

function layoutsWith(
  axes: readonly InputAxis[],
  shape: NonNullable<OnnxValueInfo['shape']>,
  graph: OnnxGraph,
  fed: number | undefined,
): InputLayout[] {
  const sizeOf = (axis: InputAxis): number | null => {
    const size = shape[axes.indexOf(axis)];
    return typeof size === 'number' && size > 0 ? size : null;
  };
  if ((sizeOf('1') ?? 1) !== 1) {
    return [];
  }
  const steps = sizeOf('time');
  const isOneStep = !axes.includes('time') || steps === 1;
  const named = shape[axes.indexOf('time')];
  const own = axes.includes('features') ? sizeOf('features') : 1;
  const counts =
    own !== null ? [own] : fed !== undefined ? [fed] : featureCounts(graph.nodes, graph);
  return counts
    .filter((features) => features <= maxFeatures && (fed === undefined || features === fed))
    .map((features) => ({
      axes,
      features,
      steps: isOneStep ? 1 : steps,
      batch: sizeOf('batch') ?? 1,
      isTimeNamed: typeof named === 'string' && timeName.test(named),
      isOneStep,
    }));
}

/** Numbers of features that a recurrent node, a convolution or a product takes, where the input does not say its own. */
function featureCounts(nodes: readonly OnnxNode[], graph: OnnxGraph): number[] {
  const counts = nodes.flatMap(({ operator, inputs, attributes }) => {
    const shape = graph.initializers.get(inputs[1] ?? '')?.shape ?? [];
    const turned = attributes.get('transB');
    const axes: Readonly<Record<string, number>> = {
      Conv: 1,
      LSTM: 2,
      GRU: 2,
      RNN: 2,
      MatMul: 0,
      Gemm: turned?.kind === 'int' && turned.value !== 0 ? 1 : 0,
    };
    const found = shape[axes[operator] ?? -1];
    return found === undefined ? [] : [found];
  });
  return [...new Set(counts)];
}

/** The axes of the input as the graph counts them. */
export function inputAxes(layout: InputLayout, steps: number): Axis[] {
  return layout.axes.map((axis): Axis => {
    switch (axis) {
      case 'batch':
        return { size: layout.batch, kind: 'batch' };
      case 'time':
        return layout.isOneStep ? { size: 1, kind: 'plain' } : { size: steps, kind: 'time' };
      case 'features':
        return { size: layout.features, kind: 'plain' };
      case '1':
        return { size: 1, kind: 'plain' };
    }
  });
}

/** `batch, time, features`; the first of two axes of one step is a batch, whichever it was taken for. */
export function layoutText({ axes, isOneStep }: InputLayout): string {
  const [first, second] = axes;
  const isSample = isOneStep && first === 'time' && second === 'features' && axes.length === 2;
  return isSample ? 'batch, features' : axes.join(', ');
}
