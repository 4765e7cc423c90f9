/** Says which inputs each output of a convolution or a pool covers, and the padding around the window. */
export interface Span {
  /** Inputs that one output covers. */
  readonly size: number;
  /** Inputs from one output to the next. */
  readonly stride: number;
  /** Inputs from one covered input to the next. */
  readonly dilation: number;
  /** Padding before the first input. */
  readonly before: number;
  /** Padding after the last input. */
  readonly after: number;
}

export type SpanSizes = Pick<Span, 'size' | 'stride' | 'dilation'>;
export type Padding = Pick<Span, 'before' | 'after'>;

/** Inputs from the first to the last that one output covers, those between them included. */
export function reachOf({ size, dilation }: Pick<Span, 'size' | 'dilation'>): number {
  return dilation * (size - 1) + 1;
}

/** Returns whether an output of a span over so many inputs takes none of them. */
export function hasEmptyOutput(span: Span, length: number): boolean {
  const { size, stride, dilation, before, after } = span;
  const last = Math.floor((length + before + after - reachOf(span)) / stride) * stride - before;
  const takesNone = (start: number): boolean => {
    const first = Math.max(0, Math.ceil(-start / dilation));
    return first >= size || start + first * dilation >= length;
  };
  for (let start = -before; start <= last; start += stride) {
    if ((start < 0 || start >= length) && takesNone(start)) {
      return true;
    }
  }
  return false;
}

/**
 * Padding with which there are `ceil(count / stride)` outputs; an odd one comes after the window.
 *
 * @returns undefined where the padding depends on a number of steps that is not known
 */
export function samePadding(
  count: number | null,
  { size, stride, dilation }: SpanSizes,
): Padding | undefined {
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
