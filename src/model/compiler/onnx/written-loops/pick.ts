import { numberOf } from '../attribute-number.js';
import { wholesOf } from './attribute-numbers.js';
import type { Pick, TermNode } from './term.js';

/** An end of a Slice that means the end of the axis. */
const openEnd = 2 ** 31 - 1;

/** Returns which index of which axis an output of a node is; null where it is none, or more than one. */
export function readPick(from: TermNode, output: number): Pick | null {
  const { node, inputs } = from;
  const [of] = inputs;
  if (of === undefined || of === null || of.tensor !== null || node.domain !== '') {
    return null;
  }
  const plain = { of, axis: numberOf(node, 'axis') ?? 0, isKept: true, isTail: false };
  switch (node.operator) {
    case 'Gather': {
      const tensor = inputs[1]?.tensor;
      const index = tensor?.data?.[0];
      const isOne = tensor?.data?.length === 1 && tensor.shape.length <= 1;
      return isOne && index !== undefined
        ? { ...plain, index, isKept: tensor.shape.length === 1 }
        : null;
    }
    case 'Slice':
      return ofSlice(from, plain);
    case 'Split': {
      const sizes = wholesOf(from, 'split', 1);
      return sizes === null || sizes?.every((size) => size === 1) === false
        ? null
        : { ...plain, index: output };
    }
    default:
      return null;
  }
}

function ofSlice(from: TermNode, plain: Omit<Pick, 'index'>): Pick | null {
  const [starts, ends, axes, steps] = ['starts', 'ends', 'axes', 'steps'].map((key, i) =>
    wholesOf(from, key, i + 1),
  );
  const [start, end, axis] = [starts?.[0], ends?.[0], axes === undefined ? 0 : axes?.[0]];
  const isOneAxis = starts?.length === 1 && ends?.length === 1 && (axes?.length ?? 1) === 1;
  const isByOne = steps === undefined || (steps?.length === 1 && steps[0] === 1);
  if (!isOneAxis || !isByOne || start === undefined || end === undefined || axis === undefined) {
    return null;
  }
  const isTail = end >= openEnd && start !== -1;
  const isOne = end === start + 1 || end >= openEnd;
  return isOne ? { ...plain, axis, index: start, isTail } : null;
}
