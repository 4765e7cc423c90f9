import type { ValueId } from '../../../plan/stream-plan.js';
import type { Tensor } from '../../tensor.js';
import type { LayerContext } from '../layer-builder/layer-context.js';

/** The mask of the steps that any of several masks keeps. */
export function eitherMask(layer: LayerContext, masks: readonly Tensor[]): Tensor {
  const [first] = masks;
  const all = masks.find(({ constantMask }) => constantMask === 'all');
  const own = masks.filter(({ constantMask }) => constantMask === undefined);
  const [some] = own;
  if (all !== undefined || some === undefined) {
    const constant = all ?? first;
    if (constant === undefined) {
      throw layer.options.malformed('it has no inputs');
    }
    return constant;
  }
  const value = anyMask(
    layer,
    own.map((mask) => mask.value),
  );
  return { ...some, value: value ?? some.value };
}

/** The value of that mask; null where none of them has one. */
export function anyMask(
  { name, builder, options }: LayerContext,
  masks: readonly (ValueId | null)[],
): ValueId | null {
  const values = [...new Set(masks)].filter((mask) => mask !== null);
  const [first, ...others] = values;
  if (first === undefined || others.length === 0) {
    return first ?? null;
  }
  if (
    builder.kind === 'window' &&
    others.some((other) => builder.stepsOf(other) !== builder.stepsOf(first))
  ) {
    throw options.refused('its inputs are masked over different steps');
  }
  const output = builder.valueLike(first, 1);
  builder.add({
    kind: 'merge',
    layer: name,
    input: first,
    inputs: values,
    output,
    operation: 'maximum',
  });
  return output;
}
