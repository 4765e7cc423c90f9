import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { onlyInput } from '../layer-builder/layer-inputs.js';
import type { Tensor } from '../../tensor.js';
import { eitherMask } from './any-mask.js';
import type { ValueId } from '../../../plan/stream-plan.js';

/** Masking: recurrent layers after it pass over steps whose features all equal one number. */
export const masking: LayerBuilder = (layer) => {
  const input = maskable(layer);
  const { output, mask } = masked(layer, input, layer.options.number('mask_value', 0));
  return { outputs: [{ ...input, value: output, mask }], streaming: 'pointwise' };
};

/** NotEqual, `x != value`: in Keras 3's files the first of two operations that make a mask of Masking. */
export const notEqual: LayerBuilder = (layer) => {
  const { args, options } = layer;
  const input = maskable(layer);
  const [, other] = args;
  const value = other !== undefined && 'constant' in other ? other.constant : undefined;
  if (typeof value !== 'number' || args.length !== 2) {
    throw options.refused('only a comparison with a number, as Masking makes it, is supported');
  }
  const outputs = [{ ...input, form: 'comparison', maskValue: value, mask: null } as const];
  return { outputs, streaming: 'pointwise' };
};

/** Any: whether any feature of a step differs. This is the mask of the step. */
export const any: LayerBuilder = (layer) => {
  const { options, inputs } = layer;
  const [input] = inputs;
  if (input?.form === 'mask') {
    options.lastAxis('axis', { form: 'sequence' });
    return { outputs: [input], streaming: 'identity' };
  }
  options.lastAxis('axis', { form: 'sequence' });
  if (input?.form !== 'comparison' || input.maskValue === undefined) {
    throw options.refused('only the mask that Masking makes is supported');
  }
  const { mask } = masked(layer, input, input.maskValue);
  return {
    outputs: [{ value: mask, size: 1, form: 'mask', rate: input.rate, mask: null }],
    streaming: 'pointwise',
  };
};

/** LogicalOr: the mask of a layer with two inputs: a step is kept where either keeps it. */
export const logicalOr: LayerBuilder = (layer) => {
  const { inputs, options } = layer;
  const [first, second] = inputs;
  if (first?.form !== 'mask' || second?.form !== 'mask') {
    throw options.refused('only masks that Masking makes are supported');
  }
  return { outputs: [eitherMask(layer, [first, second])], streaming: 'pointwise' };
};

/** ZerosLike and OnesLike: masks of no step and of every step, as Concatenate puts them among others. */
export const maskLike =
  (constantMask: 'none' | 'all'): LayerBuilder =>
  (layer) => {
    const { options, inputs, callOptions } = layer;
    const [input] = inputs;
    if (input === undefined || (options.raw('dtype') ?? callOptions['dtype']) !== 'bool') {
      throw options.refused('it is only supported in the mask of a Concatenate');
    }
    const { rate } = input;
    const mask: Tensor = { value: -1, size: 1, form: 'mask', rate, mask: null, constantMask };
    return { outputs: [mask], streaming: 'identity' };
  };

function maskable(layer: LayerContext): Tensor {
  const input = onlyInput(layer);
  if (input.form !== 'sequence') {
    throw layer.options.refused('its input has no time axis, so it would mask single features');
  }
  return input;
}

/** Adds a mask operation, or finds the one that masks the same value by the same number. */
function masked(
  { name, builder }: LayerContext,
  input: Tensor,
  value: number,
): { output: ValueId; mask: ValueId } {
  const maskValue = Math.fround(value);
  const made = builder.ops.find(
    (op) => op.kind === 'mask' && op.input === input.value && op.maskValue === maskValue,
  );
  if (made?.kind === 'mask') {
    return made;
  }
  const output = builder.valueLike(input.value, input.size);
  const mask = builder.valueLike(input.value, 1);
  builder.add({ kind: 'mask', layer: name, input: input.value, output, maskValue, mask });
  return { output, mask };
}
