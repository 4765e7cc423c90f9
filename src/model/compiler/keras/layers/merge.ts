import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireAnyValue } from '../layer-builder/layer-inputs.js';
import { isSameRate } from '../../rate.js';
import { broadcastShape, isSameShape, product } from '../../shape.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import type { ArrayMath, WindowArray } from '../../window-array.js';
import type { MergeOp, ValueId } from '../../../plan/step-op.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';
import { anyMask, eitherMask } from './any-mask.js';
import { rankOf, readAxes } from './over-axes.js';
import { Rows } from '../../operations/rows.js';
import { extremeOf, productOf, type MaskedRows } from './masked-merge.js';

/** Add, Multiply and the like: elementwise over inputs of one shape, or of shapes that Keras broadcasts. */
export const merge =
  (operation: MergeOp['operation']): LayerBuilder =>
  (layer) => {
    const { name, options, builder } = layer;
    const inputs = readInputs(layer);
    const [first] = inputs;
    if (operation === 'subtract' && inputs.length !== 2) {
      throw options.malformed(`it has ${inputs.length} inputs in place of two`);
    }
    const mask = mergedMask(layer, inputs);
    const isLookedAt = looksAtMasks(layer, operation, inputs);
    if (!areStepwise(layer, inputs)) {
      if (isLookedAt) {
        throw options.refused(
          'masks reach it over inputs of different shapes, which is not supported',
        );
      }
      return broadcast(layer, operation, inputs, mask);
    }
    const sizes = new Set(inputs.map(({ size }) => size));
    const size = Math.max(...sizes);
    if (
      first.form === 'flattened'
        ? sizes.size > 1
        : [...sizes].some((own) => own !== size && own !== 1)
    ) {
      throw options.malformed(`its inputs have ${[...sizes].join(' and ')} features`);
    }
    const values = inputs.map(
      (input) => new Rows(builder, name, input.value, input.size).broadcast(size).value,
    );
    if (isLookedAt) {
      const parts = values.map((value, i): MaskedRows => {
        const own = inputs[i]?.mask ?? null;
        const rows = new Rows(builder, name, value, size);
        return { rows, mask: own === null ? null : new Rows(builder, name, own, 1) };
      });
      const { value } = operation === 'multiply' ? productOf(parts) : extremeOf(operation, parts);
      return { outputs: [{ ...outputOf(inputs), value, size, mask }], streaming: 'pointwise' };
    }
    const output = builder.valueLike(first.value, size);
    builder.add({ kind: 'merge', layer: name, ...valueIds(values), output, operation });
    return {
      outputs: [{ ...outputOf(inputs), value: output, size, mask }],
      streaming: 'pointwise',
    };
  };

/** Whether the masks of the inputs change the floats of the output, as they do in Keras since 3.4. */
function looksAtMasks(
  { kerasMajor }: LayerContext,
  operation: MergeOp['operation'],
  inputs: readonly Tensor[],
): boolean {
  const looks = operation === 'multiply' || operation === 'maximum' || operation === 'minimum';
  return looks && kerasMajor >= 3 && inputs.some(({ mask }) => mask !== null);
}

/** Inputs of other shapes, over the whole window. One of fewer axes gets new ones after the batch. */
function broadcast(
  layer: LayerContext,
  operation: MergeOp['operation'],
  inputs: readonly Tensor[],
  mask: ValueId | null,
): BuiltLayer {
  const { options } = layer;
  const math = arrayMath(
    layer,
    'its inputs come at different samples or have different shapes, so they never meet in a stream as they do in a window',
  );
  const rank = Math.max(...inputs.map(rankOf));
  const arrays = inputs.map((input) => {
    const array = arrayOf(input);
    const added = Array.from({ length: rank - array.shape.length }, () => 1);
    return math.reshape(array, [...added, ...array.shape]);
  });
  const isAverage = operation === 'average';
  const merged = arrays.reduce((a: WindowArray, b) => {
    if (broadcastShape(a.shape, b.shape) === undefined) {
      throw options.malformed(
        `its inputs of shapes (${a.shape.join(', ')}) and (${b.shape.join(', ')}) do not fit`,
      );
    }
    return math.merge(isAverage ? 'add' : operation, a, b);
  });
  const output = isAverage ? math.scale(merged, 1 / inputs.length) : merged;
  return { outputs: [arrayTensor(layer, math, output, mask)], streaming: 'whole window' };
}

/** Concatenate: one input after the other along an axis, by default the features. */
export const concatenate: LayerBuilder = (layer) => {
  const { name, options, builder } = layer;
  if (layer.inputs.every(({ form }) => form === 'mask')) {
    if (options.raw('axis') === 1) {
      return maskBehindMask(layer, layer.inputs);
    }
    options.lastAxis('axis', { form: 'sequence' });
    return { outputs: [eitherMask(layer, layer.inputs)], streaming: 'pointwise' };
  }
  const inputs = readInputs(layer);
  const [first] = inputs;
  const rank = rankOf(first);
  const [axis] = readAxes(options, 'axis', options.raw('axis') ?? -1, rank);
  const isLast = axis === rank - 1;
  const mask = isLast ? mergedMask(layer, inputs) : null;
  const isVectors = first.form === 'sequence' || first.form === 'vector';
  if (isLast && isVectors && areStepwise(layer, inputs)) {
    const size = inputs.reduce((sum, input) => sum + input.size, 0);
    const output = builder.valueLike(first.value, size);
    const values = inputs.map(({ value }) => value);
    builder.add({ kind: 'concatenate', layer: name, ...valueIds(values), output });
    return {
      outputs: [{ ...outputOf(inputs), value: output, size, mask }],
      streaming: 'pointwise',
    };
  }
  const math = arrayMath(
    layer,
    'it puts whole windows together, or its inputs come at different samples',
  );
  const isMasked = inputs.some((input) => input.mask !== null);
  if (isMasked && axis !== 0) {
    throw options.refused('a mask reaches it, which is supported along the features and the steps');
  }
  const arrays = inputs.map(arrayOf);
  const others = (shape: readonly number[]): number[] => shape.filter((_, i) => i !== axis);
  const [array] = arrays;
  if (arrays.some(({ shape }) => !isSameShape(others(shape), others(array?.shape ?? [])))) {
    throw options.malformed('its inputs do not fit in the axes that it does not join');
  }
  const made = math.concatenate(arrays, axis ?? 0);
  const whole = isMasked ? masksInOrder(math, inputs) : mask;
  return { outputs: [arrayTensor(layer, math, made, whole)], streaming: 'whole window' };
};

/** The masks of sequences one after the other; a sequence without one keeps all of its steps. */
function masksInOrder(math: ArrayMath, inputs: readonly Tensor[]): ValueId {
  const masks = inputs.map((input): WindowArray => {
    const shape = [Number(shapeOf(input)[0]), 1];
    return input.mask === null
      ? math.constant(arrayOf(input), new Float32Array(product(shape)).fill(1), shape)
      : { value: input.mask, shape };
  });
  return math.asSteps(math.concatenate(masks, 0), 1);
}

/** The mask of sequences that a Concatenate puts one after the other, as Keras 3 writes it out. */
function maskBehindMask(layer: LayerContext, masks: readonly Tensor[]): BuiltLayer {
  const math = arrayMath(layer, 'it puts the masks of whole windows together');
  const given = masks.find(({ constantMask }) => constantMask === undefined);
  if (given === undefined || masks.some(({ constantMask }) => constantMask === 'none')) {
    throw layer.options.refused('only masks that Masking makes are supported');
  }
  const parts = masks.map((mask) => {
    const isConstant = mask.constantMask !== undefined;
    return { ...given, rate: mask.rate, mask: isConstant ? null : mask.value };
  });
  const value = masksInOrder(math, parts);
  const count = parts.reduce((sum, { rate }) => sum + Number(rate.count), 0);
  const output = { ...given, value, rate: { ...given.rate, count } };
  return { outputs: [output], streaming: 'whole window' };
}

function valueIds(all: readonly ValueId[]): { input: ValueId; inputs: readonly ValueId[] } {
  return { input: all[0] ?? 0, inputs: all };
}

/** The inputs of a layer that takes several. */
function readInputs(layer: LayerContext): readonly [Tensor, ...Tensor[]] {
  const { inputs, options } = layer;
  for (const input of inputs) {
    requireAnyValue(layer, input);
  }
  const [first, ...others] = inputs;
  if (first === undefined || others.length === 0) {
    throw options.malformed(`it has ${inputs.length} inputs in place of several`);
  }
  return [first, ...others];
}

/** Returns whether the steps of all inputs meet one by one. */
function areStepwise({ builder }: LayerContext, [first, ...others]: readonly Tensor[]): boolean {
  return others.every((other) => {
    if (first?.form !== other.form || other.form === 'array') {
      return false;
    }
    return builder.kind === 'step'
      ? isSameRate(first.rate, other.rate)
      : isSameShape(
          shapeOf(first).slice(0, -1).map(Number),
          shapeOf(other).slice(0, -1).map(Number),
        );
  });
}

/** The output of a merge: it is not a state, even where its first input is. */
function outputOf(inputs: readonly Tensor[]): Tensor {
  const [first] = inputs;
  if (first === undefined) {
    throw new RangeError('a merge has inputs');
  }
  const { value, size, form, rate, flattenedBy } = first;
  const mayBeAbsent = inputs.some((input) => input.mayBeAbsent === true);
  const flattened = flattenedBy === undefined ? {} : { flattenedBy };
  return { value, size, form, rate, mask: null, mayBeAbsent, ...flattened };
}

/**
 * The mask of a merge or a concatenation: a step is kept where any input keeps it. An input without
 * a mask keeps all steps, so that there is none then.
 */
function mergedMask(layer: LayerContext, inputs: readonly Tensor[]): ValueId | null {
  const masks = inputs.map(({ mask }) => mask);
  return masks.includes(null) ? null : anyMask(layer, masks);
}
