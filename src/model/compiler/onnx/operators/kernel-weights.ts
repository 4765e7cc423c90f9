import { isSameShape } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import type { Constant } from '../values/value.js';

/** W and B of a convolution. */
export interface KernelWeights {
  readonly w: Constant;
  readonly b: Constant | undefined;
}

/**
 * Reads the weights of a convolution, and its bias.
 *
 * @param filters how many there are, of weights of a shape
 * @throws LstmdError `model.malformed` where they contradict `kernel_shape` or each other
 */
export function readWeights(
  node: NodeContext,
  filters: (weights: readonly number[]) => number,
): KernelWeights {
  const [w, b] = [node.constant(1, 'weight'), node.constant(2, 'bias')];
  const shape = w?.shape ?? [];
  const asked = node.options.ints('kernel_shape') ?? shape.slice(2);
  const count = filters(shape);
  if (w === undefined || count === 0 || !isSameShape(asked, shape.slice(2))) {
    throw node.options.malformed(
      `its weights of shape [${shape.join(', ')}] are not a kernel of [${asked.join(', ')}]`,
    );
  }
  if (b !== undefined && b.data.length !== count) {
    throw node.options.malformed(`its bias of ${b.data.length} is not one for each of ${count}`);
  }
  node.note(w, 'W');
  if (b !== undefined) {
    node.note(b, 'B');
  }
  return { w, b };
}
