import { Cursor } from './cursor.js';
import { OutsideFormatError } from './outside-format.js';

const maxRank = 32;
const hasLargest = 0x01;
const simple = 1;

/**
 * The shape of a dataset or an attribute; that of a single value is empty.
 *
 * @throws OutsideFormatError for one that holds nothing, or may grow
 */
export function readDataspace(bytes: Buffer): number[] {
  const fields = new Cursor(bytes);
  const version = fields.number(1);
  const rank = fields.number(1);
  const flags = fields.number(1);
  if ((version !== 1 && version !== 2) || rank > maxRank || (flags & ~hasLargest) !== 0) {
    throw new OutsideFormatError('a dataspace of another form');
  }
  if (version === 1) {
    fields.skip(5);
  } else if (fields.number(1) !== (rank === 0 ? 0 : simple)) {
    throw new OutsideFormatError('a dataspace of another class');
  }
  const shape = Array.from({ length: rank }, () => fields.long());
  if ((flags & hasLargest) !== 0 && shape.some((size) => size !== fields.optionalLong())) {
    throw new OutsideFormatError('a dataspace that may grow');
  }
  return shape;
}

/** Values in a shape. */
export function countOf(shape: readonly number[]): number {
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count)) {
    throw new OutsideFormatError('a dataspace is larger than any file');
  }
  return count;
}
