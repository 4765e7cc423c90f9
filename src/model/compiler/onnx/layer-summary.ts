import type { LayerSummary } from '../../plan/stream-plan.js';
import { product } from '../shape.js';
import type { NodeContext } from './node-context.js';
import type { Axis } from './values/value.js';

/** Returns what is said of a node that became operations. */
export function layerSummary(
  { name, className, weights }: NodeContext,
  streaming: string,
  axes: readonly Axis[],
  isTimeKnown: boolean,
): LayerSummary {
  return {
    name,
    className,
    outputShape: axes
      .filter(({ kind }) => kind !== 'batch')
      .map(({ size, kind }) => (kind === 'time' && !isTimeKnown ? null : size)),
    parameters: weights.reduce((sum, { shape }) => sum + product(shape), 0),
    weights,
    streaming,
  };
}
