import type { HalfType } from '../../plan/half-precision.js';
import type { OnnxNode } from '../../source/onnx-source.js';
import { numberOf } from './attribute-number.js';
import type { Value } from './values/value.js';

/** Operators that compute nothing with floats: they move them, or make others of a number. */
const moving: ReadonlySet<string> = new Set([
  'Cast',
  'CastLike',
  'Concat',
  'Dropout',
  'Expand',
  'Flatten',
  'Gather',
  'GatherElements',
  'GatherND',
  'Identity',
  'JoinSteps',
  'Pad',
  'Reshape',
  'ScatterElements',
  'ScatterND',
  'Slice',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
  'WrittenLoop',
]);

/** Codes of `TensorProto.DataType` that have 16 bits. */
const halfCodes: ReadonlyMap<number | undefined, HalfType> = new Map([
  [10, 'float16'],
  [16, 'bfloat16'],
]);

/** The type of 16 bits in which a node gives floats; undefined where it has more. */
export function halfTypeOf(
  node: Pick<OnnxNode, 'operator' | 'attributes'>,
  inputs: readonly (Value | undefined)[],
): HalfType | undefined {
  const types = inputs.map((value) => (value?.kind === 'state' ? undefined : value?.half));
  switch (node.operator) {
    case 'Cast':
      return halfCodes.get(numberOf(node, 'to'));
    case 'CastLike':
      return types[1];
    default:
      return types.find((type) => type !== undefined);
  }
}

/** Returns whether an operator computes with the floats that it takes. */
export function isComputing(operator: string): boolean {
  return !moving.has(operator);
}

/** A value of a type of 16 bits, or of more where none is given. */
export function withHalfType(value: Value, half: HalfType | undefined): Value {
  if (value.kind === 'state' || value.half === half) {
    return value;
  }
  const { half: _half, ...rest } = value;
  return half === undefined || (rest.kind === 'constant' && rest.type === 'whole')
    ? rest
    : { ...rest, half };
}
