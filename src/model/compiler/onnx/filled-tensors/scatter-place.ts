import type { OnnxNode } from '../../../source/onnx-source.js';
import { product } from '../../shape.js';
import { numberOf } from '../attribute-number.js';
import { positionsAlong, positionsOfRows } from '../operators/positions.js';
import type { KnownValues } from './known-values.js';

/** Numbers of a tensor that is looked at: more is no part of a model of a sensor stream. */
const maxNumbers = 2 ** 22;

/** Says where a node writes: at these indices of an axis, each as a whole. */
export interface ScatterPlace {
  readonly axis: number;
  readonly indices: readonly number[];
}

/** The axis of which positions are whole indices, in order; undefined where they are otherwise. */
function placeOf(positions: Int32Array, sizes: readonly number[]): ScatterPlace | undefined {
  const all = product(sizes);
  for (const [axis, size] of sizes.entries()) {
    const inner = product(sizes.slice(axis + 1));
    const count = (positions.length * size) / all;
    if (!Number.isInteger(count) || count < 1) {
      continue;
    }
    const indices = Array.from(
      { length: count },
      (_, i) => Math.floor((positions[i * inner] ?? 0) / inner) % size,
    );
    const isWhole = positions.every((position, at) => {
      const outer = Math.floor(at / (inner * count));
      const index = indices[Math.floor(at / inner) % count] ?? 0;
      return position === (outer * size + index) * inner + (at % inner);
    });
    if (isWhole && new Set(indices).size === count) {
      return { axis, indices };
    }
  }
  return undefined;
}

/** The indices that a node writes; undefined where it is no such node, or writes something else. */
export function scatterPlace(node: OnnxNode, known: KnownValues): ScatterPlace | undefined {
  const [data = '', at = ''] = node.inputs;
  const [sizes, indices] = [known.sizes(data), known.numbers(at)];
  const reduction = node.attributes.get('reduction');
  const isPlain =
    reduction === undefined || (reduction.kind === 'string' && reduction.value === 'none');
  if (sizes === undefined || indices === undefined || !isPlain || product(sizes) > maxNumbers) {
    return undefined;
  }
  const positions =
    node.operator === 'ScatterND'
      ? positionsOfRows(sizes, indices)
      : positionsAlong(sizes, indices, numberOf(node, 'axis') ?? 0);
  return positions && placeOf(positions, sizes);
}
