import type { ValueId } from '../plan/stream-plan.js';
import { everySample, type StepRate } from './rate.js';
import { product, type Shape } from './shape.js';
import type { Padding } from './span.js';

/** A layer as messages name it. */
export interface NamedLayer {
  /** Path of the layer: `outer/inner` when nested. */
  readonly name: string;
  readonly className: string;
}

/** A tensor of a model's graph, reduced to one step of it. */
export interface Tensor {
  /** The plan's value that holds one step, or the steps of a whole window. */
  readonly value: ValueId;
  /** Floats of one step. */
  readonly size: number;
  /**
   * - `sequence`: (steps, size).
   * - `vector`: (size), computed from the steps so far.
   * - `flattened`: (steps * size), of which each step only has its own part.
   * - `state`: (size), which a recurrent layer carries from one call of the model to the next. It
   *   has no value in the plan.
   * - `comparison`: (steps, size), whether each float differs from `maskValue`.
   * - `mask`: (steps), whether any float of a step differs from it.
   * - `indices`: (steps), or (steps, size) where `rank` is 2: whole numbers, which only an Embedding takes.
   * - `array`: (...dimensions), three or more of them, of a whole window. Its value has as many floats.
   */
  readonly form:
    | 'sequence'
    | 'vector'
    | 'flattened'
    | 'state'
    | 'comparison'
    | 'mask'
    | 'indices'
    | 'array';
  /** When its steps come; for a vector, when the steps come that it is computed from. */
  readonly rate: StepRate;
  /** One float for each step, 0 where the step is masked; null where nothing is masked. */
  readonly mask: ValueId | null;
  /** True when its floats are 0 for false and 1 for true, as a comparison gives them. */
  readonly isTruth?: boolean;
  /** The axes of an `array`: the first is that of the steps, unless all of them are within one step. */
  readonly dimensions?: Shape;
  /** Steps that stand one after the other in a `vector`, which the model gives as (rowSteps, size / rowSteps). */
  readonly rowSteps?: number;
  /** True when all axes of an `array` are within one step: in a stream, the last one so far. */
  readonly isOfOneStep?: boolean;
  /** Axes of the layer's own input, of which all but the last were put together into these steps. */
  readonly rank?: number;
  /** The number that a `comparison` compares with. */
  readonly maskValue?: number;
  /** A `mask` that keeps no step, or every step; it has no value. */
  readonly constantMask?: 'none' | 'all';
  /** True when it may have no value at a step, because all steps so far may be masked. */
  readonly mayBeAbsent?: boolean;
  /** The layer that removed the time axis of a `flattened` tensor. */
  readonly flattenedBy?: NamedLayer;
  /** Zeros around the window that no operation has added yet, and the layer that asks for them. */
  readonly padding?: Padding & { readonly layer: NamedLayer };
  /** The model's input of a `state` that the caller feeds. */
  readonly stateInput?: NamedLayer;
  /** The numbers of a tensor that is the same at all times, and has no value in the plan until a layer needs one. */
  readonly constant?: ConstantArray;
  /** The recurrent state that this tensor is after the last step. */
  readonly carriedState?: CarriedState;
}

/** Numbers of a shape without the batch. */
export interface ConstantArray {
  readonly numbers: Float32Array;
  readonly shape: Shape;
}

/** A tensor that is the same at all times. */
export function constantTensor(constant: ConstantArray): Tensor {
  const { shape } = constant;
  const count = shape.length > 1 ? (shape[0] ?? 1) : 1;
  return {
    value: -1,
    size: shape.at(-1) ?? 1,
    form: shape.length > 2 ? 'array' : shape.length === 2 ? 'sequence' : 'vector',
    rate: everySample(count),
    mask: null,
    dimensions: shape,
    constant,
  };
}

/** A state that a recurrent layer carries from step to step. */
export interface CarriedState {
  readonly layer: string;
  readonly role: 'h' | 'c';
  /** Name of the model's input through which the caller feeds it back, or null. */
  readonly fedBackThrough: string | null;
}

/** Shape without the batch axis; null where it depends on a number of steps that is not known. */
export function shapeOf({
  form,
  size,
  rate,
  rank,
  padding,
  dimensions,
}: Tensor): (number | null)[] {
  const { count } = rate;
  switch (form) {
    case 'mask':
      return [count];
    case 'indices':
      return rank === 2 ? [count, size] : [count];
    case 'sequence':
    case 'comparison':
      return [count === null ? null : count + (padding?.before ?? 0) + (padding?.after ?? 0), size];
    case 'vector':
    case 'state':
      return [size];
    case 'array':
      return [...(dimensions ?? [])];
    case 'flattened':
      return [count === null ? null : count * size];
  }
}

/** Floats of one step: of an array, all that lie behind the axis of the steps. */
export function rowSizeOf({ form, size, dimensions = [], isOfOneStep }: Tensor): number {
  return form === 'array' ? product(dimensions.slice(isOfOneStep === true ? 0 : 1)) : size;
}
