import { LstmdError } from '../../../base/errors.js';
import type { Tensor } from '../tensor.js';
import type { LayerEntry } from './graph/layer-entry.js';
import type { LayerUse } from './graph/layer-uses.js';
import { shortText } from './layer-builder/short-text.js';

/** A layer as messages name it, e.g. `layer "outer/lstm_1" (LSTM)`. */
export function labelOf({ className }: LayerEntry, path: string): string {
  return `layer "${path}" (${className})`;
}

/**
 * Refuses a call whose arguments would change what the layer computes.
 *
 * @throws LstmdError `model.refused` naming the argument, `model.malformed` for a layer without input
 */
export function checkCall({ layer, call }: LayerUse): void {
  const label = labelOf(layer, layer.name);
  const refused = (argument: string): LstmdError =>
    new LstmdError(
      'model.refused',
      `${label}: it is called with ${argument}, which is not supported`,
    );
  if (!layer.isOperation) {
    for (const argument of call.args) {
      if ('constant' in argument && !isWithoutEffect(argument.constant)) {
        throw refused(shortText(argument.constant));
      }
    }
  }
  const known = callArguments.get(layer.className) ?? [];
  for (const [key, value] of Object.entries(call.options)) {
    if (!isWithoutEffect(value) && !known.includes(key)) {
      throw refused(`${key}=${shortText(value)}`);
    }
  }
  for (const key of Object.keys(call.named)) {
    if (!known.includes(key)) {
      throw refused(`a tensor as ${key}`);
    }
  }
  const count = call.inputs.length + Object.keys(call.named).length;
  if (layer.className !== 'InputLayer' && count === 0) {
    throw new LstmdError('model.malformed', `${label}: it has no input`);
  }
}

/** Arguments of calls that layers read themselves, by class. */
const callArguments: ReadonlyMap<string, readonly string[]> = new Map([
  ['Attention', ['use_causal_mask']],
  ['AdditiveAttention', ['use_causal_mask']],
  ['MultiHeadAttention', ['query', 'value', 'key', 'use_causal_mask']],
  ['GroupQueryAttention', ['query', 'value', 'key', 'use_causal_mask']],
  ['ZerosLike', ['dtype']],
  ['OnesLike', ['dtype']],
  ['Pad', ['constant_values']],
  ['Take', ['indices']],
]);

/** Arguments that say "no" (`training=false`, `mask=null`) change nothing. */
function isWithoutEffect(argument: unknown): boolean {
  return argument === null || argument === false;
}

/**
 * The inputs of a call. A mask that is an argument of the call replaces the one that the input has.
 *
 * @throws LstmdError `model.refused` for a mask that no Masking layer made
 */
export function maskedInputs(
  layer: LayerEntry,
  inputs: readonly Tensor[],
  mask: Tensor | null,
): readonly Tensor[] {
  if (mask === null) {
    return inputs;
  }
  const [first, ...others] = inputs;
  if (mask.form !== 'mask' || first === undefined || others.length > 0) {
    throw new LstmdError(
      'model.refused',
      `${labelOf(layer, layer.name)}: it is called with a mask that no Masking layer made, which is not supported`,
    );
  }
  if (mask.constantMask === 'none') {
    throw new LstmdError(
      'model.refused',
      `${labelOf(layer, layer.name)}: it is called with a mask that keeps no step, which is not supported`,
    );
  }
  return [{ ...first, mask: mask.constantMask === 'all' ? null : mask.value }];
}
