import type { ValueId } from '../../../plan/stream-plan.js';
import { only } from '../layer-builder/layer-inputs.js';
import type { LayerBuilder, LayerContext, Tensor } from '../layer-builder/layer-builder.js';

/** Masking: steps all of whose features are one value are passed over by recurrent layers after it. */
export const masking: LayerBuilder = (layer) => {
  const input = maskable(layer);
  const { output, mask } = masked(layer, input, layer.options.number('mask_value', 0));
  return { outputs: [{ ...input, value: output, mask }], streaming: 'pointwise' };
};

/** `x != value`, of which Keras 3 makes a mask that is called by name. */
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

/** Whether any feature differs: the mask of a step. */
export const any: LayerBuilder = (layer) => {
  const { options, inputs } = layer;
  const [input] = inputs;
  options.lastAxis('axis', { form: 'sequence' });
  if (input?.form !== 'comparison' || input.maskValue === undefined) {
    throw options.refused('only the mask that Masking makes is supported');
  }
  const { mask } = masked(layer, input, input.maskValue);
  return {
    outputs: [{ value: mask, size: 1, form: 'mask', cadence: input.cadence, mask: null }],
    streaming: 'pointwise',
  };
};

/** Two masks where layers meet; only what is one and the same. */
export const logicalOr: LayerBuilder = ({ inputs, options }) => {
  const [first, second] = inputs;
  if (first?.form !== 'mask' || second?.form !== 'mask' || first.value !== second.value) {
    throw options.refused('its inputs are masked in different ways, which is not supported');
  }
  return { outputs: [first], streaming: 'identity' };
};

function maskable(layer: LayerContext): Tensor {
  const input = only(layer);
  if (input.form !== 'sequence') {
    throw layer.options.refused('its input has no time axis, so it would mask single features');
  }
  return input;
}

/** One and the same operation for all who mask the same values in the same way. */
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
  const output = builder.like(input.value, input.size);
  const mask = builder.like(input.value, 1);
  builder.add({ kind: 'mask', layer: name, input: input.value, output, maskValue, mask });
  return { output, mask };
}
