import { transposedTapsOf } from '../../taps.js';
import { reachOf } from '../../span.js';
import { convolved } from '../../window-convolution.js';
import type { NodeContext } from '../node-context.js';
import { axesOf, renamed, streamOf, transposed } from '../values/gathered.js';
import { plain, type Axis, type Constant } from '../values/value.js';
import { readLayout } from './convolution.js';
import { readWeights } from './kernel-weights.js';
import { shapeText, type Operator } from './operator.js';

/** ConvTranspose over a window: each step is spread over several of the output. */
export const transposedConvolution: Operator = (node) => {
  const { options } = node;
  const { w, b } = readWeights(node, ([, filters = 0]) => filters * options.int('group', 1));
  const { stream, along, spatial } = readLayout(node, w.shape.slice(2));
  node.requireWindow('it makes several steps of one, and no sample brings them');
  const groups = options.int('group', 1);
  const [inputs = 0, perGroup = 0] = w.shape;
  const size = w.shape[2 + along] ?? 1;
  const [batch = plain(1), channels = plain(1), length = plain(1)] = stream.axes;
  if (w.shape.length !== spatial + 2 || inputs !== channels.size || inputs % groups !== 0) {
    throw options.malformed(`its weights of shape ${shapeText(w)} do not fit ${shapeText(stream)}`);
  }
  const filters = perGroup * groups;
  const { span, outputs } = readSpread(node, { along, spatial, size }, length.size);
  const taps = transposedTapsOf([length.size], [span], [outputs]);
  const turned = streamOf(transposed(node, stream, [0, 2, 1]));
  const rows = { value: node.array(turned).value, shape: [length.size, inputs] };
  const made = convolved(node.math, rows, taps, {
    kernel: kernelOf(node, w, { groups, size, perGroup }),
    bias: b === undefined ? null : node.floats(b, 'bias'),
    filters,
    groups,
    activation: { kind: 'linear' },
  });
  node.streaming = 'whole window';
  const steps: Axis = length.kind === 'time' ? { size: outputs, kind: 'time' } : plain(outputs);
  const result = transposed(
    node,
    {
      kind: 'stream',
      axes: [batch, steps, plain(filters)],
      value: node.math.asSteps(made, filters),
      rate: stream.rate,
    },
    [0, 2, 1],
  );
  if (spatial === 1) {
    return [result];
  }
  const axes = [...axesOf(result)];
  axes.splice(along === 0 ? 3 : 2, 0, plain(1));
  return [renamed(result, axes)];
};

/** (inputs, filters / groups, size) as (size, inputs / groups, filters). */
function kernelOf(
  node: NodeContext,
  w: Constant,
  {
    groups,
    size,
    perGroup,
  }: { readonly groups: number; readonly size: number; readonly perGroup: number },
): Float32Array {
  const floats = node.floats(w, 'weights');
  const width = (w.shape[0] ?? 0) / groups;
  const filters = perGroup * groups;
  const kernel = new Float32Array(floats.length);
  for (let tap = 0; tap < size; tap += 1) {
    for (let input = 0; input < width; input += 1) {
      for (let filter = 0; filter < filters; filter += 1) {
        const group = Math.floor(filter / perGroup);
        const row = (group * width + input) * perGroup + (filter % perGroup);
        kernel[(tap * width + input) * filters + filter] = floats[row * size + tap] ?? 0;
      }
    }
  }
  return kernel;
}

function readSpread(
  { options }: NodeContext,
  {
    along,
    spatial,
    size,
  }: { readonly along: number; readonly spatial: number; readonly size: number },
  steps: number,
) {
  const auto = options.string('auto_pad', 'NOTSET');
  const one = (key: string, fallback: number): number => options.ints(key)?.[along] ?? fallback;
  const pads = options.ints('pads') ?? [];
  const stride = one('strides', 1);
  const dilation = one('dilations', 1);
  const whole = stride * (steps - 1) + one('output_padding', 0) + reachOf({ size, dilation });
  const shape = options.ints('output_shape');
  const asked = shape?.at(along - spatial) ?? (auto.startsWith('SAME') ? steps * stride : null);
  const isPadded = asked === null && auto !== 'VALID';
  // The standard: of what is too much, half is taken away on each side, an odd one at the end with SAME_UPPER.
  const half = Math.floor((whole - (asked ?? whole)) / 2);
  const odd = whole - (asked ?? whole) - 2 * half;
  const [before, after] = isPadded
    ? [pads[along] ?? 0, pads[along + spatial] ?? 0]
    : auto === 'SAME_UPPER'
      ? [half, half + odd]
      : [half + odd, half];
  const outputs = whole - before - after;
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(auto)) {
    throw options.malformed(`auto_pad="${auto}" is not known`);
  }
  if (stride < 1 || dilation < 1 || before < 0 || outputs < 1) {
    throw options.malformed('its strides, dilations and pads leave no output');
  }
  return { outputs, span: { size, stride, dilation, before, after: 0 } };
}
