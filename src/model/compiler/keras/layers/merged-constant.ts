import type { MergeOp } from '../../../plan/step-op.js';
import { Rows } from '../../operations/rows.js';
import { broadcastShape, product } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import type { BuiltLayer, LayerContext } from '../layer-builder/layer-context.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import type { Constant } from './constant.js';

/** Combines a tensor float by float with numbers of which there is another one for each feature or step. */
export function mergedWithConstant(
  layer: LayerContext,
  operation: MergeOp['operation'],
  input: Tensor,
  { numbers, shape }: Constant,
): BuiltLayer {
  const { name, builder, options } = layer;
  const length = numbers.length;
  const isRowForm = input.form === 'sequence' || input.form === 'vector';
  const isOfFeatures = product(shape) === shape.at(-1);
  if (isRowForm && isOfFeatures && (input.size === length || input.size === 1)) {
    const rows = new Rows(builder, name, input.value, input.size).broadcast(length);
    const given = rows.gather(new Int32Array(length).fill(-1)).affine(1, numbers);
    const { value } = rows.merge(operation, given);
    return { outputs: [{ ...input, value, size: length }], streaming: 'pointwise' };
  }
  const math = arrayMath(layer, 'its constant is another one for each step');
  const array = arrayOf(input);
  if (
    shape.length > array.shape.length ||
    broadcastShape(array.shape, [...ones(array.shape.length - shape.length), ...shape]) ===
      undefined
  ) {
    throw options.malformed(
      `a constant of shape (${shape.join(', ')}) does not fit its input of (${array.shape.join(', ')})`,
    );
  }
  return builtArray(
    layer,
    math,
    math.merge(operation, array, math.constant(array, numbers, shape)),
  );
}

function ones(count: number): number[] {
  return Array.from({ length: count }, () => 1);
}
