import type { Activation } from '../../../plan/stream-plan.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { activationNamed, relu } from '../layer-builder/activation.js';
import { anyInput, onlyInput } from '../layer-builder/layer-inputs.js';
import type { LayerOptions } from '../layer-builder/layer-options.js';
import { rowWise } from './array-tensor.js';
import { binaryOperations } from './binary-operations.js';
import {
  diff,
  moveAxis,
  repeat,
  roll,
  split,
  take,
  tile,
  triangle,
  unstack,
} from './arrange-operations.js';
import { flip, getItem } from './index-operations.js';
import { maskLike } from './masking.js';
import { concatenate } from './merge.js';
import { normalize } from './unit-normalization.js';
import { apply, overAxesBy, softmaxOverAxes } from './pointwise.js';
import { deviation, logSumExp, norm, reduction, spread, variance } from './reduce-operations.js';
import { Rows } from '../../operations/rows.js';
import { anyEinsum, cumulativeSum, matrixProduct } from './product-operations.js';
import { pad } from './pad-operation.js';
import { filledLike, truthOperations } from './truth-operations.js';
import {
  cast,
  convertToTensor,
  expandDims,
  reshapeOperation,
  squeeze,
  stack,
  swapAxes,
  transpose,
} from './shape-operations.js';

/** Takes the mask away, which a layer hands on and an operation does not. */
const withoutMask =
  (build: LayerBuilder): LayerBuilder =>
  (layer): BuiltLayer => {
    const { outputs, streaming } = build(layer);
    return {
      outputs: outputs.map((output) => Object.assign({}, output, { mask: null })),
      streaming,
    };
  };

/** An operation that is a function of each float. */
const elementwise = (make: (options: LayerOptions) => Activation): LayerBuilder =>
  withoutMask(rowWise((layer) => apply(layer, make(layer.options))));

function shrink(options: LayerOptions, kind: 'hardShrink' | 'softShrink'): Activation {
  return { kind, threshold: Math.fround(options.number('threshold', 0.5)) };
}

const named = (activation: Activation): LayerBuilder => elementwise(() => activation);

/** Functions of each float, by Keras' class name. */
const functions: Readonly<Record<string, Activation>> = {
  Sqrt: { kind: 'squareRoot' },
  Square: { kind: 'square' },
  Absolute: { kind: 'absolute' },
  Abs: { kind: 'absolute' },
  Reciprocal: { kind: 'reciprocal' },
  Exp: { kind: 'exponential' },
  Expm1: { kind: 'expm1' },
  Log: { kind: 'log' },
  Log1p: { kind: 'log1p' },
  Sin: { kind: 'sine' },
  Cos: { kind: 'cosine' },
  Sign: { kind: 'sign' },
};

/** Activations as operations, by Keras' class name; the word is that of `activationNamed`. */
const activations: Readonly<Record<string, string>> = {
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Relu: 'relu',
  Relu6: 'relu6',
  Softplus: 'softplus',
  Softsign: 'softsign',
  Silu: 'silu',
  Selu: 'selu',
  HardSigmoid: 'hard_sigmoid',
  HardSilu: 'hard_silu',
  LogSigmoid: 'log_sigmoid',
};

/** `1 / sqrt(x)`, in two functions. */
const rsqrt: LayerBuilder = withoutMask(
  rowWise((layer) => {
    const { outputs } = apply(layer, { kind: 'squareRoot' });
    return apply({ ...layer, inputs: outputs }, { kind: 'reciprocal' });
  }),
);

/** An operation that leaves its input as it is. */
function unchangedOperation(layer: LayerContext): BuiltLayer {
  return { outputs: [{ ...anyInput(layer), mask: null }], streaming: 'identity' };
}

/** Zeros or ones of floats; of truths they are masks of no step and of every step. */
function likeOrMask(mask: 'none' | 'all', filled: LayerBuilder): LayerBuilder {
  return (layer) =>
    (layer.options.raw('dtype') ?? layer.callOptions['dtype']) === 'bool'
      ? maskLike(mask)(layer)
      : filled(layer);
}

/** `x * factor`, then a function. */
const scaled = (factor: number, activation?: Activation): LayerBuilder =>
  withoutMask(
    rowWise((layer) => {
      const input = onlyInput(layer);
      const rows = new Rows(layer.builder, layer.name, input.value, input.size).affine(factor, 0);
      const { value } = activation === undefined ? rows : rows.activate(activation);
      return { outputs: [{ ...input, value }], streaming: 'pointwise' };
    }),
  );

/** A function, then `x * factor`. */
const scaledAfter = (activation: Activation, factor: number): LayerBuilder =>
  withoutMask(
    rowWise((layer) => {
      const input = onlyInput(layer);
      const rows = new Rows(layer.builder, layer.name, input.value, input.size).activate(
        activation,
      );
      return {
        outputs: [{ ...input, value: rows.affine(factor, 0).value }],
        streaming: 'pointwise',
      };
    }),
  );

/** The builders of Keras 3's operations on tensors, by class name (keras/src/ops). */
export const operationBuilders: ReadonlyMap<string, LayerBuilder> = new Map<string, LayerBuilder>([
  ...binaryOperations,
  ...Object.entries(functions).map(([name, activation]): [string, LayerBuilder] => [
    name,
    named(activation),
  ]),
  ...Object.entries(activations).map(([name, word]): [string, LayerBuilder] => [
    name,
    withoutMask(
      rowWise((layer) =>
        apply(layer, activationNamed(word, layer.kerasMajor) ?? { kind: 'linear' }),
      ),
    ),
  ]),
  ['Rsqrt', rsqrt],
  [
    'Negative',
    withoutMask(
      rowWise((layer) => {
        const input = onlyInput(layer);
        const rows = new Rows(layer.builder, layer.name, input.value, input.size);
        return { outputs: [{ ...input, value: rows.affine(-1, 0).value }], streaming: 'pointwise' };
      }),
    ),
  ],
  ['LeakyRelu', elementwise((options) => relu(options.number('negative_slope', 0.2), 0, Infinity))],
  [
    'Elu',
    elementwise((options) => ({ kind: 'elu', alpha: Math.fround(options.number('alpha', 1)) })),
  ],
  [
    'Gelu',
    elementwise((options) => ({
      kind: 'gelu',
      approximate: options.boolean('approximate', true),
    })),
  ],
  [
    'Clip',
    elementwise((options) => ({
      kind: 'clip',
      least: Math.fround(options.number('x_min', -Infinity)),
      most: Math.fround(options.number('x_max', Infinity)),
    })),
  ],
  ['Softmax', withoutMask(softmaxOverAxes)],
  ['LogSoftmax', withoutMask(overAxesBy({ kind: 'logSoftmax' }))],
  ['Sparsemax', withoutMask(overAxesBy({ kind: 'sparsemax' }))],
  ['HardTanh', named({ kind: 'hardTanh' })],
  ['TanhShrink', named({ kind: 'tanhShrink' })],
  ['SparsePlus', named({ kind: 'sparsePlus' })],
  ['SparseSigmoid', named({ kind: 'hardSigmoid', slope: 0.5, offset: 0.5 })],
  ['Mish', named({ kind: 'mish' })],
  ['Squareplus', elementwise((options) => ({ kind: 'squareplus', b: options.number('b', 4) }))],
  [
    'Celu',
    elementwise((options) => ({ kind: 'celu', alpha: Math.fround(options.number('alpha', 1)) })),
  ],
  ['HardShrink', elementwise((options) => shrink(options, 'hardShrink'))],
  ['SoftShrink', elementwise((options) => shrink(options, 'softShrink'))],
  ['Exp2', scaled(Math.LN2, { kind: 'exponential' })],
  ['Log2', scaledAfter({ kind: 'log' }, Math.LOG2E)],
  ['Log10', scaledAfter({ kind: 'log' }, Math.LOG10E)],
  ['Deg2rad', scaled(Math.PI / 180)],
  ['Rad2deg', scaled(180 / Math.PI)],

  ['Sum', reduction('sum')],
  ['Mean', reduction('mean')],
  ['Max', reduction('maximum')],
  ['Amax', reduction('maximum')],
  ['Min', reduction('minimum')],
  ['Amin', reduction('minimum')],
  ['Var', variance],
  ['Std', deviation],
  ['Ptp', spread],
  ['Logsumexp', logSumExp],
  ['Norm', norm],
  ['Normalize', normalize],

  ['GetItem', getItem],
  ['Flip', flip],
  ['Concatenate', withoutMask(concatenate)],
  ['Stack', stack],
  ['Reshape', reshapeOperation],
  ['ExpandDims', expandDims],
  ['Squeeze', squeeze],
  ['Transpose', transpose],
  ['Swapaxes', swapAxes],
  ['Matmul', matrixProduct],
  ['Dot', matrixProduct],
  ['Einsum', anyEinsum],
  ['Cumsum', cumulativeSum],
  ['Roll', roll],
  ['Split', split],
  ['ArraySplit', split],
  ['Unstack', unstack],
  ['Take', take],
  ['Repeat', repeat],
  ['Tile', tile],
  ['Pad', pad],
  ['Diff', diff],
  ['Moveaxis', moveAxis],
  ['Tril', triangle(true)],
  ['Triu', triangle(false)],
  ['Cast', cast],
  ['ConvertToTensor', convertToTensor],
  ['StopGradient', unchangedOperation],
  ['Copy', unchangedOperation],

  ...truthOperations,
  ['ZerosLike', likeOrMask('none', filledLike(0))],
  ['OnesLike', likeOrMask('all', filledLike(1))],
  ['FullLike', filledLike(undefined)],
]);
