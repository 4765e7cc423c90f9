import type { Activation } from '../../../plan/stream-plan.js';
import type { BuiltLayer, LayerBuilder } from '../layer-builder/layer-context.js';
import { activationNamed, relu } from '../layer-builder/activation.js';
import { onlyInput } from '../layer-builder/layer-inputs.js';
import type { LayerOptions } from '../layer-builder/layer-options.js';
import { rowWise } from './array-tensor.js';
import { binaryOperations } from './binary-operations.js';
import { einsum } from './einsum.js';
import { flip, getItem } from './index-operations.js';
import { any, logicalOr, maskLike, notEqual } from './masking.js';
import { concatenate } from './merge.js';
import { normalize } from './unit-normalization.js';
import { apply, softmaxOverAxes } from './pointwise.js';
import { deviation, norm, reduction, variance } from './reduce-operations.js';
import { Rows } from '../../operations/rows.js';
import {
  cast,
  convertToTensor,
  expandDims,
  matMul,
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

  ['Sum', reduction('sum')],
  ['Mean', reduction('mean')],
  ['Max', reduction('maximum')],
  ['Amax', reduction('maximum')],
  ['Min', reduction('minimum')],
  ['Amin', reduction('minimum')],
  ['Var', variance],
  ['Std', deviation],
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
  ['Matmul', matMul],
  ['Einsum', einsum],
  ['Cast', cast],
  ['ConvertToTensor', convertToTensor],

  ['NotEqual', notEqual],
  ['Any', any],
  ['LogicalOr', logicalOr],
  ['ZerosLike', maskLike('none')],
  ['OnesLike', maskLike('all')],
]);
