import { isOverValue } from './over-value.js';
import { LstmdError } from '../../base/errors.js';
import type { MergeOp, ReduceOp, StepOp, ValueId } from '../plan/step-op.js';
import type { Activation } from '../plan/stream-plan.js';
import { interleavedIndices, isIdentity, tiled } from './array-indices.js';
import { checkValueSize } from './plan-memory.js';
import {
  broadcastShape,
  isSameShape,
  product,
  stridedIndices,
  stridesOf,
  type Shape,
} from './shape.js';
import type { PlanBuilder } from './plan-builder.js';

/** The fields of an operation that `ArrayMath.map` gives it. */
type Mapped = Pick<StepOp, 'layer' | 'input' | 'output'>;

/** A matrix (inputs, units), row-major, a bias, and the function of what they make. */
interface DenseWeights {
  readonly kernel: Float32Array;
  readonly bias: Float32Array | null;
  readonly activation?: Activation;
}

/** A tensor of any number of axes, of a step or of a whole window, its floats row-major in one value. */
export interface WindowArray {
  readonly value: ValueId;
  /** Without the batch. */
  readonly shape: Shape;
}

/** Rows of a tensor of one step, each of which takes operations of its own where it cannot be helped. */
const maxRowsOfStep = 256;

/**
 * Arithmetic with tensors of any shape, over a whole window or of one step. It is composed of step operations:
 * over a window those that take a tensor as a whole run over a window of one step.
 */
export class ArrayMath {
  readonly #builder: PlanBuilder;
  readonly #layer: string;

  /** @param layer that the operations are named after */
  constructor(builder: PlanBuilder, layer: string) {
    this.#builder = builder;
    this.#layer = layer;
  }

  /** The same floats under another shape of as many. */
  reshape({ value }: WindowArray, shape: Shape): WindowArray {
    return { value, shape };
  }

  /**
   * The floats of a tensor of a shape, for which memory can then be taken.
   *
   * @throws LstmdError `model.refused` for more than a value may have
   */
  checkedFloats(shape: Shape): number {
    const floats = product(shape);
    checkValueSize(floats);
    return floats;
  }

  /** The value of a tensor with its floats as (steps, size), whichever of these it had; of a step there is one. */
  asSteps({ value, shape }: WindowArray, size: number): ValueId {
    if (this.#builder.kind === 'step') {
      return value;
    }
    const steps = product(shape) / size;
    return this.#builder.stepsOf(value) === steps
      ? value
      : this.#builder.reshape(this.#layer, value, steps, size);
  }

  /** Applies a step operation to rows of `size` floats, which become rows of `units`. */
  map(
    input: WindowArray,
    size: number,
    units: number,
    operation: (mapped: Mapped) => StepOp,
  ): WindowArray {
    const rows = product(input.shape) / size;
    if (this.#builder.kind === 'step' && rows > 1) {
      return this.#mapRows(input, size, rows, (row) => this.map(row, size, units, operation));
    }
    const from = this.asSteps(input, size);
    const output = this.#builder.valueLike(from, units);
    this.#builder.add(operation({ layer: this.#layer, input: from, output }));
    return { value: output, shape: [rows, units] };
  }

  /** `x W + b`, or a function of it, over rows of `size` floats, which become rows of `units`. */
  dense(
    input: WindowArray,
    size: number,
    units: number,
    { kernel, bias, activation = { kind: 'linear' } }: DenseWeights,
  ): WindowArray {
    return this.map(input, size, units, (fields) => ({
      ...fields,
      kind: 'dense',
      kernel,
      bias,
      activation,
    }));
  }

  /** Applies an operation to each row of a tensor of one step by itself, and puts the results together. */
  #mapRows(
    input: WindowArray,
    size: number,
    rows: number,
    operation: (row: WindowArray) => WindowArray,
  ): WindowArray {
    if (rows > maxRowsOfStep) {
      throw new LstmdError(
        'model.refused',
        `layer "${this.#layer}": it works on ${rows} rows of a step by themselves, more than ${maxRowsOfStep}`,
      );
    }
    const flat = this.reshape(input, [rows, size]);
    const mapped = Array.from({ length: rows }, (_, row) =>
      operation(this.slice(flat, 0, { from: row, step: 1, count: 1 })),
    );
    return this.concatenate(mapped, 0);
  }

  /** A function of each float; one that is over a whole row is over the last axis. */
  activate(input: WindowArray, activation: Activation): WindowArray {
    const size = this.#rowSize(input.shape, isOverValue(activation));
    const mapped = this.map(input, size, size, (fields) => ({
      ...fields,
      kind: 'activation',
      activation,
    }));
    return this.reshape(mapped, input.shape);
  }

  /** A tensor of `shape` whose floats are those at `indices` of the input; 0 where an index is -1. */
  gather(input: WindowArray, shape: Shape, indices: Int32Array): WindowArray {
    if (isIdentity(indices, product(input.shape))) {
      return this.reshape(input, shape);
    }
    const mapped = this.map(input, product(input.shape), indices.length, (fields) => ({
      ...fields,
      kind: 'gather',
      indices,
    }));
    return this.reshape(mapped, shape);
  }

  /** Axis i of the result is axis `order[i]` of the input. */
  transpose(input: WindowArray, order: readonly number[]): WindowArray {
    const strides = stridesOf(input.shape);
    const shape = order.map((axis) => input.shape[axis] ?? 1);
    const indices = stridedIndices(
      shape,
      order.map((axis) => strides[axis] ?? 0),
    );
    return this.gather(input, shape, indices);
  }

  /** Repeats axes of one, and adds axes in front, so that the result has `shape`. */
  broadcast(input: WindowArray, shape: Shape): WindowArray {
    if (isSameShape(input.shape, shape)) {
      return input;
    }
    const strides = stridesOf(input.shape);
    const added = shape.length - input.shape.length;
    const repeated = shape.map((_, axis) =>
      axis < added || input.shape[axis - added] === 1 ? 0 : (strides[axis - added] ?? 0),
    );
    return this.gather(input, shape, stridedIndices(shape, repeated));
  }

  /** Keeps `count` indices of an axis, every `step`-th from `from` on; `step` may be negative. */
  slice(
    input: WindowArray,
    axis: number,
    { from, step, count }: { readonly from: number; readonly step: number; readonly count: number },
  ): WindowArray {
    const strides = stridesOf(input.shape);
    const along = strides[axis] ?? 0;
    const shape = input.shape.map((size, i) => (i === axis ? count : size));
    const stepped = strides.map((stride, i) => (i === axis ? stride * step : stride));
    return this.gather(input, shape, stridedIndices(shape, stepped, from * along));
  }

  /** Puts tensors one after the other along an axis. */
  concatenate(inputs: readonly WindowArray[], axis: number): WindowArray {
    const [first] = inputs;
    if (first === undefined) {
      throw new RangeError('nothing to put together');
    }
    const before = product(first.shape.slice(0, axis));
    if (this.#builder.kind === 'step' && before > 1) {
      return this.#interleaved(inputs, axis, before);
    }
    const rows = inputs.map((input) => this.asSteps(input, product(input.shape.slice(axis))));
    const size = inputs.reduce((sum, { shape }) => sum + product(shape.slice(axis)), 0);
    const output = this.#builder.valueLike(rows[0] ?? first.value, size);
    this.#builder.add({
      kind: 'concatenate',
      layer: this.#layer,
      input: rows[0] ?? first.value,
      inputs: rows,
      output,
    });
    const length = inputs.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    return { value: output, shape: first.shape.map((own, i) => (i === axis ? length : own)) };
  }

  /** Puts tensors of one step together along an axis that is not their first: one after the other, then in order. */
  #interleaved(inputs: readonly WindowArray[], axis: number, before: number): WindowArray {
    const flat = inputs.map((input) => this.reshape(input, [product(input.shape)]));
    const joined = this.concatenate(flat, 0);
    const runs = inputs.map(({ shape }) => product(shape.slice(axis)));
    const length = inputs.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    const shape = (inputs[0]?.shape ?? []).map((own, i) => (i === axis ? length : own));
    return this.gather(joined, shape, interleavedIndices(runs, before));
  }

  /** Sums up (or the like) axes, each of which is left with the size 1. */
  reduce(
    input: WindowArray,
    axes: readonly number[],
    operation: ReduceOp['operation'],
  ): WindowArray {
    const kept = input.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const inOrder = this.transpose(input, [...kept, ...axes]);
    const run = product(axes.map((axis) => input.shape[axis] ?? 1));
    const taken = this.#builder.kind === 'step' ? product(input.shape) : run;
    const mapped = this.map(inOrder, taken, taken / run, (fields) => ({
      ...fields,
      kind: 'reduce',
      operation,
    }));
    return this.reshape(
      mapped,
      input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    );
  }

  /** `(..., rows, inner)` times `(..., inner, columns)`, for each index of the axes before. */
  matMul(left: WindowArray, right: WindowArray): WindowArray {
    const [rows, inner] = [left.shape.at(-2) ?? 1, left.shape.at(-1) ?? 1];
    const columns = right.shape.at(-1) ?? 1;
    const before = left.shape.slice(0, -2);
    const factor = this.asSteps(right, product(right.shape));
    const count = product(before);
    const mapped = this.map(left, product(left.shape), count * rows * columns, (fields) => ({
      ...fields,
      kind: 'matMul',
      right: factor,
      count,
      rows,
      inner,
      columns,
    }));
    return this.reshape(mapped, [...before, rows, columns]);
  }

  /** Combines two tensors float by float, after broadcasting. Their shapes must fit. */
  merge(operation: MergeOp['operation'], a: WindowArray, b: WindowArray): WindowArray {
    const shape = broadcastShape(a.shape, b.shape);
    if (shape === undefined) {
      throw new RangeError('the shapes do not fit');
    }
    const size = this.#rowSize(shape, false);
    const inputs = [a, b].map((array) => this.asSteps(this.broadcast(array, shape), size));
    const [input = a.value] = inputs;
    const output = this.#builder.valueLike(input, size);
    this.#builder.add({ kind: 'merge', layer: this.#layer, input, inputs, output, operation });
    return { value: output, shape };
  }

  /** `x * scale + shift`, with arrays of as many floats as the last axes hold. */
  affine(input: WindowArray, scale: Float32Array, shift: Float32Array): WindowArray {
    const repeats = this.#builder.kind === 'step' ? product(input.shape) / scale.length : 1;
    const size = scale.length * repeats;
    const mapped = this.map(input, size, size, (fields) => ({
      ...fields,
      kind: 'affine',
      scale: tiled(scale, repeats),
      shift: tiled(shift, repeats),
    }));
    return this.reshape(mapped, input.shape);
  }

  /** Floats that an operation takes at a time: a row of the last axis, or, of one step, all that it can. */
  #rowSize(shape: Shape, isByRow: boolean): number {
    return this.#builder.kind === 'step' && !isByRow ? product(shape) : (shape.at(-1) ?? 1);
  }

  /** `x * scale + shift` with numbers. */
  scale(input: WindowArray, scale: number, shift = 0): WindowArray {
    const size = input.shape.at(-1) ?? 1;
    return this.affine(
      input,
      new Float32Array(size).fill(scale),
      new Float32Array(size).fill(shift),
    );
  }

  /** A tensor of numbers that no sample changes. `like` is any tensor of the window. */
  constant(like: WindowArray, numbers: Float32Array, shape: Shape): WindowArray {
    const zeros = this.gather(like, [numbers.length], new Int32Array(numbers.length).fill(-1));
    return this.reshape(this.affine(zeros, new Float32Array(numbers.length), numbers), shape);
  }
}
