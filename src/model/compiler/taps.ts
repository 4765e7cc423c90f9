import { checkValueSize } from './plan-memory.js';
import { product, type Shape } from './shape.js';
import { reachOf, type Span } from './span.js';

/**
 * The inputs that each output of a convolution or a pool over several axes looks at. Positions are those
 * of the axes without the features, row-major.
 */
export interface Taps {
  /** Sizes of the output's axes. */
  readonly shape: Shape;
  /** Inputs that each output looks at. */
  readonly count: number;
  /** (outputs, count): the position of each input, or -1 where it is padding. */
  readonly positions: Int32Array;
}

/** For an output and a tap of one axis the input that is looked at, or -1. */
type Reach = (output: number, tap: number) => number;

/**
 * The taps of a convolution or a pool with a span along each axis.
 *
 * @throws LstmdError `model.refused` for more of them than a value may have floats
 */
export function tapsOf(sizes: Shape, spans: readonly Span[]): Taps {
  const shape = sizes.map((size, axis) => {
    const span = spans[axis];
    return span === undefined ? size : outputsOf(size, span);
  });
  return combined(sizes, shape, spans, ({ size }, { stride, dilation, before }) => {
    return (output, tap) => {
      const at = output * stride + tap * dilation - before;
      return at >= 0 && at < size ? at : -1;
    };
  });
}

/**
 * The taps of a transposed convolution: input i reaches the outputs `i stride + tap dilation - before`.
 *
 * @param shape of the output
 * @throws LstmdError as `tapsOf` does
 */
export function transposedTapsOf(sizes: Shape, spans: readonly Span[], shape: Shape): Taps {
  return combined(sizes, shape, spans, ({ size }, { stride, dilation, before }) => {
    return (output, tap) => {
      const at = (output + before - tap * dilation) / stride;
      return Number.isInteger(at) && at >= 0 && at < size ? at : -1;
    };
  });
}

/**
 * The taps of a pool that has as many outputs as are asked for along each axis: output i looks at the inputs from
 * `floor(i size / outputs)` up to `ceil((i + 1) size / outputs)`, so that neighbours may share one.
 *
 * @param shape of the output
 * @throws LstmdError as `tapsOf` does
 */
export function adaptiveTapsOf(sizes: Shape, shape: Shape): Taps {
  const spans = sizes.map((size, axis) => {
    const most = Math.ceil(size / (shape[axis] ?? 1)) + 1;
    return { size: Math.min(size, most), stride: 1, dilation: 1, before: 0, after: 0 };
  });
  return combined(sizes, shape, spans, ({ size, outputs }) => (output, tap) => {
    const at = Math.floor((output * size) / outputs) + tap;
    return at < Math.ceil(((output + 1) * size) / outputs) ? at : -1;
  });
}

/** Outputs along one axis; less than 1 where it is too short for one. */
export function outputsOf(size: number, span: Span): number {
  return Math.floor((size + span.before + span.after - reachOf(span)) / span.stride) + 1;
}

function combined(
  sizes: Shape,
  shape: Shape,
  spans: readonly Span[],
  reachAlong: (axis: { readonly size: number; readonly outputs: number }, span: Span) => Reach,
): Taps {
  checkValueSize(product(shape) * product(spans.map(({ size }) => size)));
  let positions = Int32Array.of(0);
  let outputs = 1;
  let count = 1;
  for (const [axis, span] of spans.entries()) {
    const size = sizes[axis] ?? 1;
    const added = shape[axis] ?? 1;
    const reach = reachAlong({ size, outputs: added }, span);
    const next = new Int32Array(outputs * added * count * span.size);
    let i = 0;
    for (let output = 0; output < outputs; output += 1) {
      for (let along = 0; along < added; along += 1) {
        for (let tap = 0; tap < count; tap += 1) {
          const before = positions[output * count + tap] ?? -1;
          for (let k = 0; k < span.size; k += 1) {
            const at = reach(along, k);
            next[i] = before < 0 || at < 0 ? -1 : before * size + at;
            i += 1;
          }
        }
      }
    }
    positions = next;
    outputs *= added;
    count *= span.size;
  }
  return { shape, count, positions };
}
