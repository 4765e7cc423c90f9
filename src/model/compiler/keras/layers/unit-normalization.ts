import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { shapeOf } from '../../tensor.js';
import { overAxes, rankOf, readAxes } from './over-axes.js';
import type { Rows } from '../../operations/rows.js';

/** UnitNormalization: vectors along the axes are divided by their length, if that is not tiny. */
export const unitNormalization: LayerBuilder = (layer) => {
  const input = anyInput(layer);
  const { options } = layer;
  const axes = readAxes(options, 'axis', options.raw('axis') ?? -1, rankOf(input));
  const output = overAxes(layer, input, axes, (rows) => toUnitLength(rows, 1e-12));
  return { outputs: [output], streaming: streamingOf(layer) };
};

/** Normalize, the operation of the same kind. */
export const normalize: LayerBuilder = (layer) => {
  const input = anyInput(layer);
  const { options } = layer;
  options.only('order', 2, 'only the length by squares is supported');
  const axes = readAxes(options, 'axis', options.raw('axis') ?? -1, rankOf(input));
  const epsilon = options.number('epsilon', 1e-7);
  const output = overAxes(layer, input, axes, (rows) => toUnitLength(rows, epsilon));
  return { outputs: [output], streaming: streamingOf(layer) };
};

/**
 * `x min(1 / sqrt(sum(x^2)), 1 / epsilon)`: as Keras computes it, in float32, so that rows whose squares
 * are 0 there stay 0. The floor of the length is epsilon.
 */
export function toUnitLength(rows: Rows, epsilon: number): Rows {
  const length = rows
    .activate({ kind: 'square' })
    .reduce('sum')
    .activate({ kind: 'squareRoot' })
    .activate({ kind: 'clip', least: Math.fround(epsilon), most: Infinity });
  return rows.merge('divide', length);
}

/** RMSNormalization: divided by the root of the mean square. */
export const rmsNormalization: LayerBuilder = (layer) => {
  const input = anyInput(layer);
  const { options, weights } = layer;
  const axes = readAxes(options, 'axis', options.raw('axis') ?? -1, rankOf(input));
  const shape = axes.map((axis) => shapeOf(input)[axis]);
  const sizes = axes.map((axis, i) => (axis === rankOf(input) - 1 ? input.size : (shape[i] ?? 1)));
  const scale = weights.take('scale', sizes);
  const epsilon = options.number('epsilon', 1e-6);
  const output = overAxes(layer, input, axes, (rows) => {
    const root = rows
      .activate({ kind: 'square' })
      .reduce('mean')
      .affine(1, epsilon)
      .activate({ kind: 'squareRoot' });
    return rows.merge('divide', root).affine(scale, 0);
  });
  // Keras' layer hands no mask on.
  return { outputs: [{ ...output, mask: null }], streaming: streamingOf(layer) };
};

function streamingOf({ builder }: LayerContext): string {
  return builder.kind === 'step' ? 'pointwise' : 'whole window';
}
