import { everySample } from '../../rate.js';
import { isSameShape, product, type Shape } from '../../shape.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import { ArrayMath, type WindowArray } from '../../window-array.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';

/** Arithmetic over a whole window for a layer; throws NeedsWindow step by step, with the reason. */
export function arrayMath(layer: LayerContext, reason: string): ArrayMath {
  return new ArrayMath(layer.builder.requireWindow(layer, reason), layer.name);
}

/** A tensor of a whole window, of any shape. */
export function arrayOf(tensor: Tensor): WindowArray {
  return { value: tensor.value, shape: shapeOf(tensor).map(Number) };
}

/**
 * The tensor that an array of a whole window is.
 *
 * @param mask as in `Tensor`
 * @throws LstmdError `model.refused` for a single number, which has no axis
 */
export function arrayTensor(
  { options }: LayerContext,
  math: ArrayMath,
  array: WindowArray,
  mask: Tensor['mask'] = null,
): Tensor {
  const { shape } = array;
  const [steps, size = steps] = shape;
  if (steps === undefined || size === undefined) {
    throw options.refused(
      'one number for a whole window has no axis: keepdims=True would keep one',
    );
  }
  if (shape.length === 1) {
    const value = math.asSteps(array, steps);
    return { value, size: steps, form: 'vector', rate: everySample(1), mask: null };
  }
  const rate = everySample(steps);
  if (shape.length === 2) {
    return { value: math.asSteps(array, size), size, form: 'sequence', rate, mask };
  }
  const value = math.asSteps(array, product(shape.slice(1)));
  return {
    value,
    size: shape.at(-1) ?? 1,
    form: 'array',
    rate,
    mask: null,
    dimensions: shape,
  };
}

/** The output of a layer that computed an array of the whole window. */
export function builtArray(layer: LayerContext, math: ArrayMath, array: WindowArray): BuiltLayer {
  return { outputs: [arrayTensor(layer, math, array)], streaming: 'whole window' };
}

/**
 * Makes a builder that works on (steps, features) work on arrays of more axes, whose last axis are
 * the features: all other axes are put together into steps.
 */
export const rowWise =
  (build: LayerBuilder): LayerBuilder =>
  (layer) => {
    const [input] = layer.inputs;
    if (input?.form !== 'array') {
      return build(layer);
    }
    const math = arrayMath(layer, 'its input has several axes of a whole window');
    const array = arrayOf(input);
    const before = array.shape.slice(0, -1);
    const steps: Tensor = {
      value: math.asSteps(array, input.size),
      size: input.size,
      form: 'sequence',
      rate: everySample(product(before)),
      mask: null,
      rank: array.shape.length,
    };
    const { outputs, streaming } = build({ ...layer, inputs: [steps] });
    return {
      outputs: outputs.map(({ value, size }) => {
        const shape: Shape = [...before, size];
        return arrayTensor(layer, math, { value, shape });
      }),
      streaming,
    };
  };

/** Returns whether two tensors have the same shape, as far as it is known. */
export function haveSameShape(a: Tensor, b: Tensor): boolean {
  return isSameShape(shapeOf(a).map(Number), shapeOf(b).map(Number));
}
