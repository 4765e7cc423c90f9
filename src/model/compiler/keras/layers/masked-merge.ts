import type { MergeOp } from '../../../plan/step-op.js';
import type { Rows } from '../../operations/rows.js';

/** An input of a merge and its mask, one float of 0 or 1 a step; null where no step is masked. */
export interface MaskedRows {
  readonly rows: Rows;
  readonly mask: Rows | null;
}

/**
 * The product as Keras computes it of masked inputs (keras/src/layers/merging/multiply.py): a masked step counts
 * as ones, and one that all inputs mask gives zeros.
 */
export function productOf(inputs: readonly MaskedRows[]): Rows {
  const factors = inputs.map(({ rows, mask }) =>
    mask === null ? rows : chosen(mask, rows, rows.affine(0, 1)),
  );
  const product = joined('multiply', factors);
  const masks = inputs.flatMap(({ mask }) => (mask === null ? [] : [mask]));
  return masks.length < inputs.length
    ? product
    : product.merge('multiply', joined('maximum', masks));
}

/**
 * The largest or least as Keras computes it of masked inputs (keras/src/layers/merging/base_merge.py): from the
 * first input on, a step that one of the two masks is that of the other.
 */
export function extremeOf(
  operation: MergeOp['operation'],
  [first, ...others]: readonly MaskedRows[],
): Rows {
  if (first === undefined) {
    throw new RangeError('a merge has inputs');
  }
  let { rows: output, mask: outputMask } = first;
  for (const { rows, mask } of others) {
    const other = mask === null ? rows : chosen(mask, rows, output);
    const own = outputMask === null ? output : chosen(outputMask, output, other);
    outputMask = mask === null || outputMask === null ? null : outputMask.merge('maximum', mask);
    output = own.merge(operation, other);
  }
  return output;
}

/** `a` where the mask is 1, `b` where it is 0. */
function chosen(mask: Rows, a: Rows, b: Rows): Rows {
  return a.merge('multiply', mask).merge('add', b.merge('multiply', mask.affine(-1, 1)));
}

function joined(operation: MergeOp['operation'], [first, ...others]: readonly Rows[]): Rows {
  if (first === undefined) {
    throw new RangeError('a merge has inputs');
  }
  return others.reduce((all, rows) => all.merge(operation, rows), first);
}
