import { reachOf, type Span } from './span.js';

/** When the steps of a tensor come in a stream of samples. */
export interface StepRate {
  /** The sample, counted from 0 at the reset, that completes the first step. */
  readonly first: number;
  /** Samples from one step to the next. */
  readonly stride: number;
  /** Steps within a window; null where the model takes any number. */
  readonly count: number | null;
}

/** The rate of a tensor that has a step at every sample. */
export function everySample(count: number | null): StepRate {
  return { first: 0, stride: 1, count };
}

/** The rate of the outputs of a span over an input of this rate. */
export function rateAfter(span: Span, { first, stride, count }: StepRate): StepRate {
  const reach = reachOf(span);
  return {
    first: first + stride * (reach - 1 - span.before),
    stride: stride * span.stride,
    count:
      count === null
        ? null
        : Math.floor((count + span.before + span.after - reach) / span.stride) + 1,
  };
}

export function isSameRate(a: StepRate, b: StepRate): boolean {
  return a.first === b.first && a.stride === b.stride && a.count === b.count;
}

/** Returns whether there is a sample at which both have a step. */
export function coincide(a: StepRate, b: StepRate): boolean {
  return (a.first - b.first) % greatestCommonDivisor(a.stride, b.stride) === 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
