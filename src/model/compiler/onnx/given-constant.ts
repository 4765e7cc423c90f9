import { printableText } from '../../../base/printable-text.js';
import type { OnnxValueInfo } from '../../source/onnx-source.js';
import { checkConstant, wrongInput } from '../fed-inputs.js';
import { product } from '../shape.js';
import { constantOf, type Constant } from './values/value.js';

/** Floats that a constant may have after one lane stands for all of a batch. */
const maxFloats = 2 ** 20;

const wholeTypes = /^(u?int\d+|bool)$/;

/**
 * The numbers that the options give for an input that is the same at all times. Its first axis, where it may be any,
 * is a batch of one; numbers of one lane are those of every lane of a batch.
 *
 * @throws LstmdError `usage.invalid` for numbers that do not fill the input
 */
export function givenConstant(
  { name, type, shape }: OnnxValueInfo,
  numbers: readonly number[],
): Constant {
  const key = printableText(name);
  const sizes = (shape ?? [numbers.length]).map((size, axis) =>
    typeof size === 'number' && size > 0 ? size : axis === 0 ? 1 : null,
  );
  const known = sizes.filter((size) => size !== null);
  if (known.length < sizes.length) {
    throw wrongInput(
      'constants',
      `"${key}" has an axis of any size behind its first: what flows into it comes from samples, model.inputs (--feed)`,
    );
  }
  const [lanes = 1] = known;
  const each = product(known.slice(1));
  const isOneLane = known.length > 1 && numbers.length === each && product(known) <= maxFloats;
  const all = isOneLane ? Array.from({ length: lanes }, () => numbers).flat() : numbers;
  const whole = wholeTypes.test(type);
  const wrong = numbers.find((one) => whole && !Number.isSafeInteger(one));
  if (wrong !== undefined) {
    throw wrongInput('constants', `"${key}" takes whole numbers (${type}), not ${wrong}`);
  }
  checkConstant({ name, key }, all, product(known));
  return constantOf(whole ? 'whole' : 'float', known, all);
}
