import { rowSizeOf, type Tensor } from '../../tensor.js';
import { Rows } from '../../operations/rows.js';
import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { shortText } from '../layer-builder/short-text.js';
import { rankOf } from './over-axes.js';
import { checkCount, lengthOf, pick, range, streamingOf, wholeOf } from './picked-indices.js';

/** Pad: zeros or one number around the axes, or their own indices mirrored. */
export const pad: LayerBuilder = (layer) => {
  const { options, callOptions } = layer;
  const mode = options.raw('mode') ?? 'constant';
  const value = plainValue(options.raw('pad_width'));
  const widths = (Array.isArray(value) ? value : []).map((entry: unknown) => {
    const pair: unknown = plainValue(entry);
    return (Array.isArray(pair) ? pair : []).map((end) => wholeOf(layer, end, 'pad_width'));
  });
  const input = anyInput(layer);
  if (widths.length !== rankOf(input) + 1 || widths[0]?.some((end) => end !== 0) === true) {
    throw options.refused(`pad_width=${shortText(value)}: the batch must not be padded`);
  }
  const filling = plainValue(callOptions['constant_values'] ?? options.raw('constant_values') ?? 0);
  if (
    typeof filling !== 'number' ||
    (mode !== 'constant' && mode !== 'reflect' && mode !== 'symmetric')
  ) {
    throw options.refused(
      `mode=${shortText(mode)} is not supported; constant, reflect and symmetric are`,
    );
  }
  // What is put around a tensor that is lower by the number is that number in the end.
  let tensor = mode === 'constant' && filling !== 0 ? shifted(layer, input, -filling) : input;
  for (const [axis, [before = 0, after = 0]] of widths.slice(1).entries()) {
    if (before === 0 && after === 0) {
      continue;
    }
    const length = lengthOf(layer, tensor, axis);
    checkCount(layer, before + length + after);
    const indices = range(before + length + after, (i) => mirrored(i - before, length, mode));
    tensor = pick(layer, tensor, axis, indices);
  }
  const output = mode === 'constant' && filling !== 0 ? shifted(layer, tensor, filling) : tensor;
  return { outputs: [{ ...output, mask: null }], streaming: streamingOf(layer) };
};

function mirrored(at: number, length: number, mode: string): number {
  if (at >= 0 && at < length) {
    return at;
  }
  if (mode === 'constant') {
    return -1;
  }
  const edge = mode === 'symmetric' ? 1 : 0;
  return at < 0 ? -at - edge : 2 * length - 2 + edge - at;
}

function shifted({ builder, name }: LayerContext, tensor: Tensor, by: number): Tensor {
  const size = rowSizeOf(tensor);
  return { ...tensor, value: new Rows(builder, name, tensor.value, size).affine(1, by).value };
}
