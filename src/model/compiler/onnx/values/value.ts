import type { ValueId } from '../../../plan/stream-plan.js';
import type { StepRate } from '../../rate.js';
import { product, type Shape } from '../../shape.js';
import type { HalfType } from '../../../plan/half-precision.js';
import type { NamedLayer } from '../../tensor.js';

/** An axis of a tensor of the graph. */
export interface Axis {
  /** As the graph counts it: steps of the window, and lanes of the batch. */
  readonly size: number;
  /** `plain`: features and the like, or an axis of 1. */
  readonly kind: 'time' | 'batch' | 'plain';
}

/** Numbers that are known when the model is loaded: weights, and arithmetic with shapes. */
export interface Constant {
  readonly kind: 'constant';
  /** `whole`: whole numbers and booleans. */
  readonly type: 'float' | 'whole';
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
  /** Its name where it is an initialiser. */
  readonly name: string | null;
  /** True when it was computed from a number of steps, which may be any. */
  readonly isOfSteps?: boolean;
  /** Its type in the file, where that has 16 bits. */
  readonly half?: HalfType;
}

/** The samples, or what is made of them: of each step, or of the steps so far. */
export interface Stream {
  readonly kind: 'stream';
  readonly axes: readonly Axis[];
  /**
   * The plan's value. Step by step it has the floats of all axes but time and batch, row-major; over a window those
   * of all axes but batch.
   */
  readonly value: ValueId;
  /** When its steps come; without an axis of time, when the steps come that it is computed from. */
  readonly rate: StepRate;
  /** It is of the axis that puts steps and features together, which a step knows its part of. */
  readonly flat?: FlatSteps;
  /** The states that its floats are after the last step, by number. */
  readonly finals?: Int32Array;
  /** Holds what it is of a GELU that is written out. */
  readonly gelu?: GeluPart;
  /** Holds where its floats stand for minus infinity, which only a softmax over rows of the last axis takes. */
  readonly hidden?: HiddenFloats;
  /** Its type in the file, where that has 16 bits. */
  readonly half?: HalfType;
  /** True for what a softmax gives of finite floats: none of it is NaN. */
  readonly isShares?: boolean;
  /** Zeros around the window that no operation has added yet, and the node that asks for them. */
  readonly padding?: { readonly before: number; readonly after: number; readonly node: NamedLayer };
}

/** Floats that a mask has put minus infinity in the place of. */
export interface HiddenFloats {
  /** The node that has, as messages name it. */
  readonly by: string;
  /** Floats of a row of the last axis, each of which has one that is not hidden. */
  readonly row: number;
}

/** An axis of (before, steps, after) put into one, the last axis of its tensor. */
export interface FlatSteps {
  readonly before: number;
  readonly steps: number;
  readonly after: number;
  readonly by: NamedLayer;
}

/** A part of `x (1 + erf(x / sqrt(2))) / 2`, by the value x that it is made from. */
export type GeluPart =
  /** `factor x`. */
  | { readonly kind: 'scaled'; readonly of: ValueId; readonly factor: number }
  /** `factor (plus + erf(x / sqrt(2)))`. */
  | { readonly kind: 'erf'; readonly of: ValueId; readonly factor: number; readonly plus: number };

/** Holds what the caller of the exported model feeds back at each call. */
export interface State {
  readonly kind: 'state';
  readonly axes: readonly Axis[];
  /** The number of each float among those of all such inputs, row-major without the batch. */
  readonly ids: Int32Array;
}

export type Value = Constant | Stream | State;

/** Sizes as the graph counts them. */
export function sizesOf(value: Value): number[] {
  return value.kind === 'constant' ? [...value.shape] : value.axes.map(({ size }) => size);
}

export function plain(size: number): Axis {
  return { size, kind: 'plain' };
}

/** Sizes of a tensor as its floats are stored: 1 for the batch, and step by step for time. */
export function storedShape(axes: readonly Axis[], isStep: boolean): number[] {
  return axes.map(({ size, kind }) => (kind === 'batch' || (kind === 'time' && isStep) ? 1 : size));
}

/** The position of the axis of time; -1 where there is none. */
export function timeAxis(axes: readonly Axis[]): number {
  return axes.findIndex(({ kind }) => kind === 'time');
}

export function constantOf(
  type: Constant['type'],
  shape: Shape,
  numbers: ArrayLike<number>,
): Constant {
  const data = type === 'float' ? new Float32Array(numbers) : new Float64Array(numbers);
  if (data.length !== product(shape)) {
    throw new RangeError('a constant has as many numbers as its shape says');
  }
  return { kind: 'constant', type, shape, data, name: null };
}
