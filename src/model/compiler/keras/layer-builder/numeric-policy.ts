import { isObject } from '../../../../base/json.js';
import type { HalfType } from '../../../plan/half-precision.js';
import { shortText } from './short-text.js';

/** Holds what Keras computes in, by the names of its types and policies; null where it is as exact as float32 or more. */
const halfTypes: ReadonlyMap<unknown, HalfType | null> = new Map<unknown, HalfType | null>([
  ['float32', null],
  ['float64', null],
  ['float16', 'float16'],
  ['bfloat16', 'bfloat16'],
  ['mixed_float16', 'float16'],
  ['mixed_bfloat16', 'bfloat16'],
]);

/**
 * Reads the `dtype` of a layer or of a cast: the name of a type or of a policy, or a policy as Keras 2 (`Policy`) or
 * Keras 3 (`DTypePolicy`) writes it. Absent, it is float32.
 *
 * @returns the type of 16 bits that Keras computes in, null for none; or the reason to refuse what is not computed here
 */
export function readNumericPolicy(
  dtype: unknown,
): { readonly halfType: HalfType | null } | { readonly reason: string } {
  const policy = isObject(dtype) && isObject(dtype['config']) ? dtype['config'] : null;
  const name = policy === null ? (dtype ?? 'float32') : policy['name'];
  const quantized = policy?.['mode'] ?? quantizedName(name);
  if (quantized !== undefined) {
    const kind = typeof quantized === 'string' ? quantized : shortText(quantized);
    return {
      reason: `it is quantized to ${kind} by Keras, which computes other numbers than float32: save the model before quantize() is called; lstmd quantizes by itself with the option weights (bf16, int8)`,
    };
  }
  const halfType = halfTypes.get(name);
  if (halfType === undefined) {
    return {
      reason: `dtype ${shortText(name ?? dtype)} is not known to compute as float32 does: save the model with the float32 policy`,
    };
  }
  return { halfType };
}

/** The kind of a policy that is named, as `int8_from_float32` and `float8_from_mixed_bfloat16` are. */
function quantizedName(name: unknown): string | undefined {
  return typeof name === 'string' ? /^(.+)_from_/.exec(name)?.[1] : undefined;
}
