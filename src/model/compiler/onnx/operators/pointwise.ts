import type { Activation } from '../../../plan/stream-plan.js';
import type { NodeContext } from '../node-context.js';
import { constantOf, type Value } from '../values/value.js';
import type { Operator } from './operator.js';
import { requireExact } from './whole-numbers.js';

/**
 * A function of each float by itself.
 *
 * @param read the function that the attributes say
 * @param fold the same for numbers that are known, where such a node is seen among them
 */
export function pointwise(
  read: (node: NodeContext) => Activation,
  fold?: (x: number) => number,
): Operator {
  return (node) => [applied(node, node.input(0), read(node), fold)];
}

function applied(
  node: NodeContext,
  input: Value,
  activation: Activation,
  fold: ((x: number) => number) | undefined,
): Value {
  if (input.kind !== 'constant') {
    return node.activated(node.stream(0), activation);
  }
  if (fold === undefined) {
    throw node.options.refused(
      'it works on numbers that no sample changes, which is not supported',
    );
  }
  const made = constantOf(input.type, input.shape, Float64Array.from(input.data, fold));
  requireExact(node, made);
  return made;
}

const named = (activation: Activation) => (): Activation => activation;

const seluAlpha = 1.6732632423543772;
const seluGamma = 1.0507009873554805;

function relu(negativeSlope: number, threshold: number, maxValue: number): Activation {
  return {
    kind: 'relu',
    negativeSlope: Math.fround(negativeSlope),
    threshold: Math.fround(threshold),
    maxValue: Math.fround(maxValue),
  };
}

/** Clip: bounds are inputs since opset 11, attributes before. */
const clip: Operator = (node) => {
  const bound = (position: number, key: string, fallback: number): number => {
    if (node.inputs.length <= 1) {
      return node.options.float(key, fallback);
    }
    const [number, ...others] = node.constant(position, key)?.data ?? [fallback];
    if (number === undefined || others.length > 0) {
      throw node.options.malformed(`its ${key} is not one number`);
    }
    return number;
  };
  const least = bound(1, 'min', -Infinity);
  const most = bound(2, 'max', Infinity);
  const input = node.input(0);
  if (input.kind === 'constant') {
    const data = Float64Array.from(input.data, (x) => Math.min(Math.max(x, least), most));
    return [constantOf(input.type, input.shape, data)];
  }
  return [node.activated(node.stream(0), { kind: 'clip', least, most })];
};

/** Gelu: exact, or with a tanh. */
function gelu(node: NodeContext): Activation {
  const approximate = node.options.string('approximate', 'none');
  if (approximate !== 'none' && approximate !== 'tanh') {
    throw node.options.refused(`approximate="${approximate}" is not known`);
  }
  return { kind: 'gelu', approximate: approximate === 'tanh' };
}

/** Operators that are a function of each float, by name. Definitions: onnx/docs/Operators.md. */
export const pointwiseOperators: readonly (readonly [string, Operator])[] = [
  ['Relu', pointwise(named(relu(0, 0, Infinity)), (x) => Math.max(x, 0))],
  [
    'LeakyRelu',
    pointwise((node) => relu(node.options.float('alpha', Math.fround(0.01)), 0, Infinity)),
  ],
  ['Elu', pointwise((node) => ({ kind: 'elu', alpha: node.options.float('alpha', 1) }))],
  ['Celu', pointwise((node) => ({ kind: 'celu', alpha: node.options.float('alpha', 1) }))],
  ['Selu', selu],
  ['Gelu', pointwise(gelu)],
  ['Mish', pointwise(named({ kind: 'mish' }))],
  ['HardSwish', pointwise(named({ kind: 'hardSilu' }))],
  ['HardSigmoid', pointwise(hardSigmoid)],
  ['Sigmoid', pointwise(named({ kind: 'sigmoid' }), (x) => 1 / (1 + Math.exp(-x)))],
  ['Tanh', pointwise(named({ kind: 'tanh' }), Math.tanh)],
  ['Softplus', pointwise(named({ kind: 'softplus' }))],
  ['Softsign', pointwise(named({ kind: 'softsign' }))],
  ['Abs', pointwise(named({ kind: 'absolute' }), Math.abs)],
  ['Exp', pointwise(named({ kind: 'exponential' }), Math.exp)],
  ['Log', pointwise(named({ kind: 'log' }), Math.log)],
  ['Sqrt', pointwise(named({ kind: 'squareRoot' }), Math.sqrt)],
  ['Reciprocal', pointwise(named({ kind: 'reciprocal' }), (x) => 1 / x)],
  ['Sign', pointwise(named({ kind: 'sign' }), Math.sign)],
  ['Sin', pointwise(named({ kind: 'sine' }), Math.sin)],
  ['Cos', pointwise(named({ kind: 'cosine' }), Math.cos)],
  ['Clip', clip],
];

function hardSigmoid({ options }: NodeContext): Activation {
  return {
    kind: 'hardSigmoid',
    slope: options.float('alpha', Math.fround(0.2)),
    offset: options.float('beta', 0.5),
  };
}

/** Selu: one function for the two numbers of its paper, and for others a scaled Elu. */
function selu(node: NodeContext): readonly Value[] {
  const alpha = node.options.float('alpha', seluAlpha);
  const gamma = node.options.float('gamma', seluGamma);
  const stream = node.stream(0);
  if (Math.abs(alpha - seluAlpha) < 1e-6 && Math.abs(gamma - seluGamma) < 1e-6) {
    return [node.activated(stream, { kind: 'selu' })];
  }
  const elu = node.activated(stream, { kind: 'elu', alpha });
  const { value } = node.math.scale(node.array(elu), gamma);
  return [{ ...elu, value }];
}
