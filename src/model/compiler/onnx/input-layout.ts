import type { OnnxNode, OnnxValueInfo } from '../../source/onnx-source.js';
import type { OnnxGraph } from '../../source/onnx-source.js';
import type { Axis } from './values/value.js';

/** Holds what the axes of the sensor's input are. */
export interface InputLayout {
  readonly axes: readonly ('batch' | 'time' | 'features' | 'one')[];
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

const orders: ReadonlyMap<number, readonly (readonly InputLayout['axes'][number][])[]> = new Map<
  number,
  readonly (readonly InputLayout['axes'][number][])[]
>([
  [
    2,
    [
      ['time', 'features'],
      ['batch', 'features'],
    ],
  ],
  [
    3,
    [
      ['batch', 'time', 'features'],
      ['time', 'batch', 'features'],
      ['batch', 'features', 'time'],
    ],
  ],
  [
    4,
    [
      ['batch', 'one', 'time', 'features'],
      ['batch', 'time', 'one', 'features'],
      ['batch', 'features', 'one', 'time'],
      ['batch', 'features', 'time', 'one'],
      ['batch', 'one', 'features', 'time'],
      ['batch', 'time', 'features', 'one'],
    ],
  ],
]);

/** Names that people give to the axis of time in `dynamic_axes` and `dynamic_shapes`. */
const timeName = /^(time|(time_?)?steps|seq|seq_?len(gth)?|sequence|sequence_length|window)$/i;

/** Every layout that the declared shape of the input allows, the most common first. */
export function possibleLayouts(input: OnnxValueInfo, graph: OnnxGraph): InputLayout[] {
  const shape = input.shape ?? [null, null, null];
  return (orders.get(shape.length) ?? []).flatMap((axes) => {
    const sizeOf = (axis: InputLayout['axes'][number]): number | null => {
      const size = shape[axes.indexOf(axis)];
      return typeof size === 'number' && size > 0 ? size : null;
    };
    const one = shape[axes.indexOf('one')];
    if (axes.includes('one') && typeof one === 'number' && one !== 1) {
      return [];
    }
    const steps = sizeOf('time');
    const isOneStep = !axes.includes('time') || steps === 1;
    const named = shape[axes.indexOf('time')];
    const isTimeNamed = typeof named === 'string' && timeName.test(named);
    const own = sizeOf('features');
    const counts = own === null ? featureCounts(graph.nodes, graph) : [own];
    return counts.map((features) => ({
      axes,
      features,
      steps: isOneStep ? 1 : steps,
      batch: sizeOf('batch') ?? 1,
      isTimeNamed,
      isOneStep,
    }));
  });
}

/** Numbers of features that a recurrent node or a convolution takes, where the input does not say its own. */
function featureCounts(nodes: readonly OnnxNode[], graph: OnnxGraph): number[] {
  const counts = nodes.flatMap(({ operator, inputs }) => {
    const shape = graph.initializers.get(inputs[1] ?? '')?.shape ?? [];
    const found =
      operator === 'Conv'
        ? shape[1]
        : ['LSTM', 'GRU', 'RNN'].includes(operator)
          ? shape[2]
          : operator === 'MatMul'
            ? shape[0]
            : undefined;
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
      case 'one':
        return { size: 1, kind: 'plain' };
    }
  });
}

/** `batch, time, features`. */
export function layoutText({ axes }: InputLayout): string {
  return axes.map((axis) => (axis === 'one' ? '1' : axis)).join(', ');
}
