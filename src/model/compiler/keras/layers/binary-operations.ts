import type { MergeOp } from '../../../plan/step-op.js';
import type { Activation } from '../../../plan/stream-plan.js';
import { isSameRate } from '../../rate.js';
import { broadcastShape, isSameShape, product } from '../../shape.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import type { ArrayMath, WindowArray } from '../../window-array.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireAnyValue } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { otherBackendsSum, readConstant, withRank, type Constant } from './constant.js';
import { mergedWithConstant } from './merged-constant.js';
import { Rows } from '../../operations/rows.js';

/** `x * scale + shift` with the numbers of a constant, between `before` and `after`; or a function of x. */
type WithConstant =
  | {
      readonly before?: Activation;
      readonly after?: Activation;
      readonly scale: (number: number) => number;
      readonly shift: (number: number) => number;
    }
  | {
      readonly activation: (number: number) => Activation;
      /** Does the same where there is more than one number; absent where that is not supported. */
      readonly merge?: MergeOp['operation'];
    };

interface Binary {
  /** Combines two tensors; absent where that is not supported. */
  readonly merge?: MergeOp['operation'];
  /** `tensor op constant`. */
  readonly right: WithConstant;
  /** `constant op tensor`; absent where that is not supported. */
  readonly left?: WithConstant;
}

const one = (): number => 1;
const zero = (): number => 0;
const itself = (number: number): number => number;

const add: WithConstant = { scale: one, shift: itself };
const multiply: WithConstant = { scale: itself, shift: zero };
const atLeast: WithConstant = {
  activation: (least) => ({ kind: 'clip', least, most: Infinity }),
  merge: 'maximum',
};
const atMost: WithConstant = {
  activation: (most) => ({ kind: 'clip', least: -Infinity, most }),
  merge: 'minimum',
};

const divide: Binary = {
  merge: 'divide',
  right: { scale: (number) => 1 / number, shift: zero },
  left: { before: { kind: 'reciprocal' }, scale: itself, shift: zero },
};

/** Operations of two arguments, by Keras' class name. */
const binaries: Readonly<Record<string, Binary>> = {
  Add: { merge: 'add', right: add, left: add },
  Subtract: {
    merge: 'subtract',
    right: { scale: one, shift: (number) => -number },
    left: { scale: () => -1, shift: itself },
  },
  Multiply: { merge: 'multiply', right: multiply, left: multiply },
  TrueDivide: divide,
  Divide: divide,
  Maximum: { merge: 'maximum', right: atLeast, left: atLeast },
  Minimum: { merge: 'minimum', right: atMost, left: atMost },
  Power: {
    right: { activation: powerOf },
    left: { scale: (base) => Math.log(base), shift: zero, after: { kind: 'exponential' } },
  },
};

function powerOf(exponent: number): Activation {
  switch (exponent) {
    case 1:
      return { kind: 'linear' };
    case 2:
      return { kind: 'square' };
    case 0.5:
      return { kind: 'squareRoot' };
    case -1:
      return { kind: 'reciprocal' };
    default:
      return { kind: 'power', exponent: Math.fround(exponent) };
  }
}

/** The entries of the table of operations for those of two arguments. */
export const binaryOperations: readonly [string, LayerBuilder][] = Object.entries(binaries).map(
  ([name, spec]) => [name, (layer) => binary(layer, spec)],
);

/** Builds an operation of two arguments in the place of another, with that one's `args`. */
export function binaryOf(layer: LayerContext, className: string): BuiltLayer {
  const spec = binaries[className];
  if (spec === undefined) {
    throw layer.options.refused(`${className} is not supported`);
  }
  return binary(layer, spec);
}

function binary(layer: LayerContext, spec: Binary): BuiltLayer {
  const { args, options } = layer;
  if (args.every((argument) => 'constant' in argument || argument.tensor.isTruth === true)) {
    throw options.refused(
      'arithmetic with nothing but what comparisons give is not supported: cast it to float32',
    );
  }
  const [left, right] = args;
  if (left === undefined || right === undefined || args.length !== 2) {
    throw options.malformed(`it has ${args.length} arguments in place of two`);
  }
  if ('tensor' in left && 'tensor' in right) {
    if (spec.merge === undefined) {
      throw options.refused('an exponent that is a tensor is not supported');
    }
    return ofTensors(layer, spec.merge, left.tensor, right.tensor);
  }
  const [tensor, given] =
    'tensor' in left
      ? [left.tensor, 'constant' in right ? right.constant : null]
      : ['tensor' in right ? right.tensor : undefined, left.constant];
  const constant = readConstant(given);
  if (tensor === undefined || constant === undefined) {
    throw options.refused(`its constant ${shortText(given)} is neither a number nor numbers`);
  }
  const by = 'tensor' in left ? spec.right : spec.left;
  if (by === undefined) {
    throw options.refused('a number in front of it is not supported');
  }
  if ('after' in by && constant.numbers.some((base) => base <= 0)) {
    throw options.refused('a power of a number that is not above 0 by a tensor is not supported');
  }
  requireAnyValue(layer, tensor);
  const isBias = by === add && 'tensor' in left && layer.kerasMajor >= 3;
  const otherSum = isBias
    ? otherBackendsSum(constant.shape, shapeOf(tensor).map(Number))
    : undefined;
  if (otherSum !== undefined) {
    throw options.refused(otherSum);
  }
  const { isTruth: _truth, ...floats } = tensor;
  return withConstant(layer, { ...floats, mask: null }, by, constant);
}

/** Combines two tensors; no operation hands a mask on. */
function ofTensors(
  layer: LayerContext,
  operation: MergeOp['operation'],
  a: Tensor,
  b: Tensor,
): BuiltLayer {
  const { name, builder, options } = layer;
  requireAnyValue(layer, a);
  requireAnyValue(layer, b);
  if (a.form === b.form && a.form !== 'array') {
    const isStepwise = builder.kind === 'window' ? hasSameSteps(a, b) : isSameRate(a.rate, b.rate);
    const fits = a.size === b.size || (a.form !== 'flattened' && (a.size === 1 || b.size === 1));
    if (isStepwise && fits) {
      const rows = (tensor: Tensor): Rows => new Rows(builder, name, tensor.value, tensor.size);
      const { value, size } = rows(a).merge(operation, rows(b));
      const { form, rate, flattenedBy } = a;
      const mayBeAbsent = a.mayBeAbsent === true || b.mayBeAbsent === true;
      const flattened = flattenedBy === undefined ? {} : { flattenedBy };
      const output: Tensor = { value, size, form, rate, mask: null, mayBeAbsent, ...flattened };
      return { outputs: [output], streaming: 'pointwise' };
    }
  }
  const math = arrayMath(layer, 'its inputs have different shapes or come at different samples');
  const arrays = [arrayOf(a), arrayOf(b)] as const;
  return builtArray(layer, math, broadcastMerge(layer, math, operation, arrays));

  function broadcastMerge(
    { options: own }: LayerContext,
    arithmetic: ArrayMath,
    merge: MergeOp['operation'],
    [left, right]: readonly [WindowArray, WindowArray],
  ): WindowArray {
    if (left.shape.length !== right.shape.length) {
      throw options.refused(
        `its inputs have ${left.shape.length} and ${right.shape.length} axes beside the batch, so that Keras would take one's batch for an axis of the other`,
      );
    }
    if (broadcastShape(left.shape, right.shape) === undefined) {
      throw own.malformed(
        `its inputs of shapes (${left.shape.join(', ')}) and (${right.shape.join(', ')}) do not fit`,
      );
    }
    return arithmetic.merge(merge, left, right);
  }
}

/** Returns whether all axes but the last are the same. */
function hasSameSteps(a: Tensor, b: Tensor): boolean {
  return isSameShape(stepsOf(a), stepsOf(b));
}

function stepsOf(tensor: Tensor): number[] {
  return shapeOf(tensor).slice(0, -1).map(Number);
}

function withConstant(
  layer: LayerContext,
  input: Tensor,
  by: WithConstant,
  given: Constant,
): BuiltLayer {
  const { name, builder, options } = layer;
  const shape = shapeOf(input);
  const { numbers, shape: constantShape } = withRank(given, shape.length);
  const [number = 0] = numbers;
  const isUniform = numbers.every((each) => each === number);
  if ('activation' in by) {
    if (!isUniform || !addsNoAxis()) {
      if (by.merge !== undefined) {
        return mergedWithConstant(layer, by.merge, input, { numbers, shape: constantShape });
      }
      throw options.refused('only one number for all is supported here');
    }
    const activation = by.activation(number);
    const rows = new Rows(builder, name, input.value, rowSize());
    const value = activation.kind === 'linear' ? input.value : rows.activate(activation).value;
    return { outputs: [{ ...input, value }], streaming: 'pointwise' };
  }
  const scale = numbers.map(by.scale);
  const shift = numbers.map(by.shift);
  if (![...scale, ...shift].every(Number.isFinite)) {
    throw options.malformed('its numbers leave the range of float32');
  }
  if (isUniform && addsNoAxis()) {
    const rows = new Rows(builder, name, input.value, rowSize());
    const ready = by.before === undefined ? rows : rows.activate(by.before);
    const { value } = finished(ready.affine(scale[0] ?? 1, shift[0] ?? 0));
    return { outputs: [{ ...input, value }], streaming: 'pointwise' };
  }
  const isOfFeatures = product(constantShape) === constantShape.at(-1);
  const isRowForm = input.form === 'sequence' || input.form === 'vector';
  const length = numbers.length;
  if (isRowForm && isOfFeatures && (input.size === length || input.size === 1)) {
    const rows = new Rows(builder, name, input.value, input.size).broadcast(length);
    const ready = by.before === undefined ? rows : rows.activate(by.before);
    const { value } = finished(ready.affine(scale, shift));
    return { outputs: [{ ...input, value, size: length }], streaming: 'pointwise' };
  }
  const math = arrayMath(layer, 'its constant is another one for each step');
  const array = arrayOf(input);
  const whole = broadcastShape(array.shape, constantShape);
  if (whole === undefined || constantShape.length > array.shape.length) {
    throw options.malformed(
      `a constant of shape (${constantShape.join(', ')}) does not fit its input of (${array.shape.join(', ')})`,
    );
  }
  const wide = math.broadcast(array, whole);
  const ready = by.before === undefined ? wide : math.activate(wide, by.before);
  const spread = (each: Float32Array): Float32Array => spreadTo(each, constantShape, whole);
  const made = math.reshape(math.affine(ready, spread(scale), spread(shift)), whole);
  return builtArray(layer, math, by.after === undefined ? made : math.activate(made, by.after));

  function finished(rows: Rows): Rows {
    return 'after' in by && by.after !== undefined ? rows.activate(by.after) : rows;
  }

  function addsNoAxis(): boolean {
    return constantShape.length <= shape.length && product(constantShape) === 1;
  }

  function rowSize(): number {
    return input.form === 'array' ? product((input.dimensions ?? []).slice(1)) : input.size;
  }
}

/** The numbers of a constant for each float of a tensor that it is broadcast to. */
function spreadTo(
  numbers: Float32Array,
  from: readonly number[],
  to: readonly number[],
): Float32Array {
  const added = to.length - from.length;
  return Float32Array.from({ length: product(to) }, (_, i) => {
    let index = 0;
    for (const [axis, size] of from.entries()) {
      const at = Math.floor(i / product(to.slice(axis + added + 1))) % (to[axis + added] ?? 1);
      index = index * size + (size === 1 ? 0 : at);
    }
    return numbers[index] ?? 0;
  });
}
