import { arithmeticOperators } from './operators/arithmetic.js';
import { gruCell, lstmCell, rnnCell } from './operators/cells.js';
import { comparisonOperators } from './operators/comparisons.js';
import { concat } from './operators/concat.js';
import {
  constant,
  constantOfShape,
  dequantizeLinear,
  ofConstant,
  ofConstants,
  range,
  shapeOperator,
  sizeOperator,
} from './operators/constants.js';
import { pool } from './operators/convolution.js';
import { cumulativeSum, triangle } from './operators/cumulative.js';
import { erf } from './operators/gelu-parts.js';
import {
  cast,
  castLike,
  expand,
  flatten,
  dropout,
  identity,
  reshape,
  squeeze,
  tile,
  transpose,
  unsqueeze,
} from './operators/movement.js';
import {
  batchNormalization,
  instanceNormalization,
  layerNormalization,
  softmax,
} from './operators/normalization.js';
import type { Operator } from './operators/operator.js';
import { negate, prelu } from './operators/other-functions.js';
import { pad } from './operators/pad.js';
import { conv } from './operators/plane-convolution.js';
import { pointwiseOperators } from './operators/pointwise.js';
import { gemm, matMul } from './operators/product.js';
import { recurrent } from './operators/recurrent.js';
import { globalPool, reduceProduct, reductions } from './operators/reduction.js';
import { reverseSequence } from './operators/reverse-sequence.js';
import { gatherElements, gatherRows, scatter } from './operators/scatter.js';
import { gather, slice, split } from './operators/selection.js';
import { transposedConvolution } from './operators/transposed-convolution.js';

/** Every operator of the standard that is computed exactly, by its name. Any other is refused. */
const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['LSTM', recurrent(lstmCell)],
  ['GRU', recurrent(gruCell)],
  ['RNN', recurrent(rnnCell)],

  ['MatMul', matMul],
  ['Gemm', gemm],
  ['Conv', conv],
  ['ConvTranspose', transposedConvolution],
  ['MaxPool', pool('maximum')],
  ['AveragePool', pool('average')],
  ['GlobalAveragePool', globalPool('mean')],
  ['GlobalMaxPool', globalPool('maximum')],
  ['BatchNormalization', batchNormalization],
  ['LayerNormalization', layerNormalization],
  ['InstanceNormalization', instanceNormalization],
  ['Softmax', softmax({ kind: 'softmax' })],
  ['LogSoftmax', softmax({ kind: 'logSoftmax' })],

  ...arithmeticOperators,
  ...pointwiseOperators,
  ...comparisonOperators,
  ['Neg', negate],
  ['Erf', erf],
  ['PRelu', prelu],
  ...reductions,
  ['ReduceProd', reduceProduct],
  ['CumSum', cumulativeSum],
  ['Trilu', triangle],

  ['Identity', identity],
  ['Dropout', dropout],
  ['Cast', cast],
  ['CastLike', castLike],
  ['Transpose', transpose],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Expand', expand],
  ['Tile', tile],
  ['Slice', slice],
  ['Gather', gather],
  ['GatherElements', gatherElements],
  ['GatherND', gatherRows],
  ['ScatterElements', scatter(false)],
  ['Scatter', scatter(false)],
  ['ScatterND', scatter(true)],
  ['ReverseSequence', reverseSequence],
  ['Split', split],
  ['Concat', concat],
  ['Pad', pad],

  ['Constant', constant],
  ['ConstantOfShape', constantOfShape],
  ['Shape', shapeOperator],
  ['Size', sizeOperator],
  ['Range', range],
  ['DequantizeLinear', dequantizeLinear],
  ['Mod', ofConstants((a, b) => a - b * Math.floor(a / b), false)],
  ['Floor', ofConstant(Math.floor)],
  ['Ceil', ofConstant(Math.ceil)],
]);

/** Every operator that has a builder. */
export const operatorNames: readonly string[] = [...operators.keys()];

const quantised =
  'its activations are quantised as it runs, which is not computed exactly: give the float model that it was made from';
const listed =
  'lists of tensors are read where a Loop adds to one at each turn, and torch.stack or torch.cat joins it: take steps of a window as x[:, t] or from torch.unbind of a window of fixed length, or export nn.LSTM, nn.GRU or nn.RNN';

const ranked =
  'it gives the best classes by their rank, and a stream gives the score of each: save the model up to it; labels are given by model.labels';
const random = 'what it gives is random: export the model after model.eval()';

/** The reasons for refusing the operators that people ask for most. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['DynamicQuantizeLSTM', quantised],
  ['DynamicQuantizeLinear', quantised],
  ['DynamicQuantizeMatMul', quantised],
  ['MatMulInteger', quantised],
  ['MatMulIntegerToFloat', quantised],
  ['ConvInteger', quantised],
  ['QuantizeLinear', quantised],
  ['QLinearConv', quantised],
  ['QLinearMatMul', quantised],
  ['QLinearAdd', quantised],
  ['RandomNormal', random],
  ['RandomNormalLike', random],
  ['RandomUniform', random],
  ['RandomUniformLike', random],
  ['Multinomial', random],
  ['Bernoulli', random],
  [
    'ArgMax',
    'it gives the number of a class in the middle of the model: save the model up to it; at the end of one it is read as the score of each class',
  ],
  ['TopK', ranked],
  ...[
    'SequenceEmpty',
    'SequenceConstruct',
    'SequenceInsert',
    'SequenceAt',
    'SequenceLength',
    'SplitToSequence',
    'ConcatFromSequence',
  ].map((name): readonly [string, string] => [name, listed]),
]);

/**
 * The builder of an operator.
 *
 * @returns undefined, and why, where there is none
 */
export function operatorOf(name: string): Operator | undefined {
  return operators.get(name);
}

/** Why there is no builder for an operator. */
export function refusalOf(name: string, domain: string): string {
  const known = reasons.get(name);
  if (known !== undefined) {
    return known;
  }
  if (domain === 'ai.onnx.ml') {
    return `operator ${name} is one of scikit-learn's (${domain}): export the network without it, and scale the features by features.mean, features.std or features.scale of the configuration`;
  }
  return domain === ''
    ? `operator ${name} is not supported`
    : `operator ${name} of ${domain} is not of the ONNX standard: export the model without that runtime's optimisations`;
}
