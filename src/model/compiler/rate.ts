/** When the steps of a tensor come in a stream of samples. */
export interface Cadence {
  /** The sample, from 0 at the reset, that completes the first step. */
  readonly first: number;
  /** Samples from one step to the next. */
  readonly stride: number;
  /** Steps within a window, as Keras counts them; null where the model takes any number. */
  readonly count: number | null;
}

/** A step at every sample. */
export function everySample(count: number | null): Cadence {
  return { first: 0, stride: 1, count };
}

/** What a convolution or a pool looks at (see `SpanOp`), and the padding around the window. */
export interface Span {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** Inputs from the first to the last that one output covers. */
export function reachOf({ size, dilation }: Pick<Span, 'size' | 'dilation'>): number {
  return dilation * (size - 1) + 1;
}

/** The cadence of what comes out of a span. */
export function spanned(cadence: Cadence, span: Span): Cadence {
  const reach = reachOf(span);
  const { first, stride, count } = cadence;
  return {
    first: first + stride * (reach - 1 - span.before),
    stride: stride * span.stride,
    count:
      count === null
        ? null
        : Math.floor((count + span.before + span.after - reach) / span.stride) + 1,
  };
}

/**
 * Padding before and after for `padding="same"`: as many outputs as there are strides, what is odd
 * comes after. Undefined where it hangs on a number of steps that is not known.
 */
export function samePadding(
  count: number | null,
  { size, stride, dilation }: Pick<Span, 'size' | 'stride' | 'dilation'>,
): Pick<Span, 'before' | 'after'> | undefined {
  const reach = reachOf({ size, dilation });
  if (count === null && stride > 1) {
    return undefined;
  }
  const total =
    count === null
      ? reach - 1
      : Math.max((Math.ceil(count / stride) - 1) * stride + reach - count, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before };
}

export function isSameCadence(a: Cadence, b: Cadence): boolean {
  return a.first === b.first && a.stride === b.stride && a.count === b.count;
}

/** Whether there is a sample at which both have a step. */
export function meet(a: Cadence, b: Cadence): boolean {
  return (a.first - b.first) % greatestDivisor(a.stride, b.stride) === 0;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
