/** Says how many inputs operators of the standard take, at least and at most; those that are left out at the end count too. */
const counts: readonly (readonly [least: number, most: number, operators: string])[] = [
  [0, 0, 'Constant'],
  [
    1,
    1,
    'Abs AveragePool Cast Ceil Celu ConstantOfShape Cos Elu Erf Exp Flatten Floor Gelu GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Identity IsNaN LeakyRelu Log LogSoftmax MaxPool Mish Neg Not Reciprocal Relu Selu Shape Sigmoid Sign Sin Size Softmax Softplus Softsign Sqrt Tanh Transpose',
  ],
  [
    1,
    2,
    'ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Reshape Split Squeeze Trilu Unsqueeze',
  ],
  [1, 3, 'Clip Dropout'],
  [1, 4, 'Pad'],
  [1, 5, 'Slice'],
  [
    2,
    2,
    'Add And CastLike CumSum Div Equal Expand Gather GatherElements GatherND Greater GreaterOrEqual Less LessOrEqual MatMul Mod Mul Or PRelu Pow ReverseSequence Sub',
  ],
  [2, 3, 'Conv ConvTranspose DequantizeLinear Gemm LayerNormalization Tile'],
  [3, 3, 'InstanceNormalization Range Scatter ScatterElements ScatterND Where'],
  [3, 6, 'GRU RNN'],
  [3, 8, 'LSTM'],
  [5, 5, 'BatchNormalization'],
];

const byName: ReadonlyMap<string, readonly [least: number, most: number]> = new Map(
  counts.flatMap(([least, most, operators]) =>
    operators.split(' ').map((operator) => [operator, [least, most] as const] as const),
  ),
);

/**
 * Says why an operator cannot have so many inputs.
 *
 * @returns undefined where it can
 */
export function wrongCount(operator: string, inputs: number): string | undefined {
  const [least, most] = byName.get(operator) ?? [0, Infinity];
  if (inputs >= least && inputs <= most) {
    return undefined;
  }
  const expected = least === most ? String(least) : `${least} to ${most}`;
  return `it has ${inputs} inputs in place of ${expected}`;
}
