import { addConv } from '../../operations/conv.js';
import { coveredSpan } from '../../operations/covered-span.js';
import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { renamed, streamOf, transposed } from '../values/gathered.js';
import { plain, type Constant, type Stream, type Value } from '../values/value.js';
import { checkSize } from './constants.js';
import { overSteps, readSpan, timeConvolution } from './convolution.js';
import { readWeights, type KernelWeights } from './kernel-weights.js';
import type { Operator } from './operator.js';

/** A plane of (time, places) for each channel, and how a kernel runs over it. */
interface Plane {
  readonly stream: Stream;
  /** The position of time, 2 or 3; the places are at the other. */
  readonly time: number;
  readonly channels: number;
  readonly places: number;
  readonly filters: number;
  readonly groups: number;
  /** Steps and places that the kernel looks at. */
  readonly taps: number;
  readonly wide: number;
  readonly stride: number;
  readonly dilation: number;
}

/** Conv over time, or over a plane of time and places. */
export const conv: Operator = (node) => {
  const weights = readWeights(node, ([filters = 0]) => filters);
  return [planeConvolution(node, weights) ?? timeConvolution(node, weights)];
};

/**
 * Conv over (batch, channels, time, places), or with the last two turned, whose kernel has one axis of 1 or all places: a
 * convolution over time of (places x channels) floats a step. Undefined for any other input.
 */
function planeConvolution(node: NodeContext, { w, b }: KernelWeights): Value | undefined {
  const plane = planeOf(node, w);
  if (plane === undefined) {
    return undefined;
  }
  const { stream, time, channels, places, filters, taps, wide, stride, dilation } = plane;
  const results = Math.floor((places - dilation * (wide - 1) - 1) / stride) + 1;
  if (results < 1) {
    throw node.options.malformed(`its kernel looks at more than the ${places} places that it has`);
  }
  const [batch = plain(1), , second = plain(1), third = plain(1)] = stream.axes;
  const length = time === 2 ? second : third;
  const apart = streamOf(transposed(node, stream, [0, 5 - time, 1, time]));
  const rows = streamOf(renamed(apart, [batch, plain(places * channels), length]));
  const span = readSpan(node, { stream: rows, along: time - 2, spatial: 2 }, taps);
  // A kernel that looks along the places alone, or at all steps of the window at once, may be of another layout.
  if (taps > 1 && taps < length.size) {
    node.terms.anchored();
  }
  const isEach = wide === 1 && stride === 1;
  const kernel = isEach ? kernelOfEach(node, w, plane) : kernelOfAll(node, w, plane, results);
  const bias = b === undefined ? null : node.floats(b, 'bias');
  const units = results * filters;
  const made = overSteps(
    node,
    { stream: rows, along: 0, spatial: 1 },
    span,
    units,
    (steps, own) => {
      const covered = coveredSpan(node, steps, own);
      const value = addConv(node, covered, {
        filters: units,
        groups: isEach ? places * plane.groups : 1,
        kernel,
        bias: bias && Float32Array.from({ length: units }, (_, i) => bias[i % filters] ?? 0),
        activation: { kind: 'linear' },
      });
      node.streaming = node.isStep ? covered.streaming : 'whole window';
      return { value, size: units, rate: covered.rate };
    },
  );
  const after = streamOf(made).axes[2] ?? plain(1);
  const planes = renamed(made, [batch, plain(results), plain(filters), after]);
  return transposed(node, planes, time === 2 ? [0, 2, 3, 1] : [0, 2, 1, 3]);
}

function planeOf(node: NodeContext, w: Constant): Plane | undefined {
  const { options } = node;
  const stream = node.stream(0);
  const time = stream.axes.findIndex(({ kind }) => kind === 'time');
  if (stream.axes.length !== 4 || w.shape.length !== 4 || time < 2) {
    return undefined;
  }
  const other = 3 - time;
  const channels = stream.axes[1]?.size ?? 1;
  const places = stream.axes[5 - time]?.size ?? 1;
  const [filters = 0, inner = 0] = w.shape;
  const [taps = 1, wide = 1] = [w.shape[time], w.shape[5 - time]];
  const groups = options.int('group', 1);
  if (places === 1 && wide === 1) {
    return undefined;
  }
  if (inner * groups !== channels || filters % groups !== 0) {
    throw options.malformed(
      `its weights of shape [${w.shape.join(', ')}] do not fit ${channels} channels`,
    );
  }
  const pads = options.ints('pads') ?? [];
  const isPadded = (pads[other] ?? 0) !== 0 || (pads[other + 2] ?? 0) !== 0;
  const isSame = wide > 1 && options.string('auto_pad', 'NOTSET').startsWith('SAME');
  if ((taps !== 1 && wide !== 1 && wide !== places) || isPadded || isSame) {
    throw options.refused(
      `its kernel of ${taps} steps and ${wide} of ${places} places is an image's, which is not supported: one that has an axis of 1, or all places, without padding of the places, is`,
    );
  }
  const one = (key: string): number => options.ints(key)?.[other] ?? 1;
  const [stride, dilation] = [one('strides'), one('dilations')];
  if (stride < 1 || dilation < 1) {
    throw options.malformed('its strides and dilations are whole numbers above zero');
  }
  return { stream, time, channels, places, filters, groups, taps, wide, stride, dilation };
}

/** The weight of a filter: of a channel of its group, a step and a place. */
function weightAt(
  node: NodeContext,
  w: Constant,
  { time }: Plane,
): (filter: number, channel: number, step: number, place: number) => number {
  const floats = node.floats(w, 'weights');
  const [, inner = 1, rows = 1, columns = 1] = w.shape;
  return (filter, channel, step, place) => {
    const [row, column] = time === 2 ? [step, place] : [place, step];
    return floats[((filter * inner + channel) * rows + row) * columns + column] ?? 0;
  };
}

/** A kernel for the channels of each place by themselves, (taps, inner, places x filters). */
function kernelOfEach(node: NodeContext, w: Constant, plane: Plane): Float32Array {
  const { channels, groups, places, filters, taps } = plane;
  const inner = channels / groups;
  const units = places * filters;
  checkSize(node, [taps, inner, units]);
  const weight = weightAt(node, w, plane);
  return Float32Array.from({ length: product([taps, inner, units]) }, (_, i) => {
    const [row, unit] = [Math.floor(i / units), i % units];
    return weight(unit % filters, row % inner, Math.floor(row / inner), 0);
  });
}

/** A kernel over all channels of all places, (taps, places x channels, results x filters). */
function kernelOfAll(node: NodeContext, w: Constant, plane: Plane, results: number): Float32Array {
  const { channels, groups, places, filters, taps, wide, stride, dilation } = plane;
  const inner = channels / groups;
  const [inputs, units] = [places * channels, results * filters];
  checkSize(node, [taps, inputs, units]);
  const weight = weightAt(node, w, plane);
  const kernel = new Float32Array(taps * inputs * units);
  for (let i = 0; i < taps * results * wide * inner * filters; i += 1) {
    const filter = i % filters;
    const channel = Math.floor(i / filters) % inner;
    const place = Math.floor(i / (filters * inner)) % wide;
    const result = Math.floor(i / (filters * inner * wide)) % results;
    const step = Math.floor(i / (filters * inner * wide * results));
    const group = Math.floor((filter * groups) / filters);
    const input = (result * stride + place * dilation) * channels + group * inner + channel;
    kernel[(step * inputs + input) * units + result * filters + filter] = weight(
      filter,
      channel,
      step,
      place,
    );
  }
  return kernel;
}
