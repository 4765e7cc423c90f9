import type { NodeContext } from '../node-context.js';
import { plain, type Stream } from '../values/value.js';
import type { Span } from '../../span.js';

/** Weights (filters, channels of a group, taps) of a convolution, row-major. */
interface Filters {
  readonly floats: Float32Array;
  readonly filters: number;
  readonly inner: number;
  readonly groups: number;
  readonly bias: Float32Array | null;
}

/** Numbers that the matrix of such a convolution may have. */
const maxNumbers = 2 ** 22;

/**
 * Conv in a step along an axis that is not the time, such as the last samples that a step keeps as its state: a product of
 * all floats of (channels, length) with a matrix.
 *
 * @returns undefined where that matrix would be too large, or there is more than one row
 */
export function plainConvolution(
  node: NodeContext,
  stream: Stream,
  { size, stride, dilation, before, after }: Span,
  { floats, filters, inner, groups, bias }: Filters,
): Stream | undefined {
  const [batch = plain(1), channels = plain(1), length = plain(1)] = stream.axes;
  const count = Math.floor((length.size + before + after - dilation * (size - 1) - 1) / stride) + 1;
  const [inputs, units] = [channels.size * length.size, filters * count];
  if (count < 1 || inputs * units > maxNumbers || (batch.kind !== 'batch' && batch.size > 1)) {
    return undefined;
  }
  const kernel = new Float32Array(inputs * units);
  for (let filter = 0; filter < filters; filter += 1) {
    const group = Math.floor((filter * groups) / filters);
    for (let i = 0; i < inner * size * count; i += 1) {
      const at = i % count;
      const tap = Math.floor(i / count) % size;
      const channel = Math.floor(i / (count * size));
      const position = at * stride + tap * dilation - before;
      if (position >= 0 && position < length.size) {
        const input = (group * inner + channel) * length.size + position;
        kernel[input * units + filter * count + at] =
          floats[(filter * inner + channel) * size + tap] ?? 0;
      }
    }
  }
  const biases =
    bias && Float32Array.from({ length: units }, (_, unit) => bias[Math.floor(unit / count)] ?? 0);
  node.streaming = 'pointwise';
  const { value } = node.array(stream);
  const flat = { value, shape: [1, inputs] };
  const made = node.math.dense(flat, inputs, units, { kernel, bias: biases });
  const axes = [batch, plain(filters), plain(count)];
  return { kind: 'stream', axes, value: made.value, rate: stream.rate };
}

/** @throws NeedsWindow step by step */
export function notTheTime(node: NodeContext, stream: Stream): Stream {
  node.requireWindow('it runs along an axis that is not the time');
  return stream;
}
