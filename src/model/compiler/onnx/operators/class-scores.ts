import { sizesOf } from '../values/value.js';
import { activatedAlong } from './normalization.js';
import { axisOf, shapeText, type Operator } from './operator.js';

/**
 * ArgMax at the end of a model: in place of the number of the best class the score of each, of which the best is that.
 *
 * @param isScored true where its input is given as it is; otherwise the softmax of it is
 */
export const classScores =
  (isScored: boolean): Operator =>
  (node) => {
    const { options } = node;
    options.ignore('keepdims', 'select_last_index');
    const stream = node.stream(0);
    const { axes } = stream;
    const axis = axisOf(node, options.int('axis', 0), axes.length);
    const isAlone = sizesOf(stream).every(
      (size, i) => i === axis || size === 1 || axes[i]?.kind !== 'plain',
    );
    if (axes[axis]?.kind !== 'plain' || !isAlone || stream.flat !== undefined) {
      throw options.refused(
        `it looks for the largest along axis ${axis} of ${shapeText(stream)}, which is not that of the classes alone: save the model up to it`,
      );
    }
    const made = isScored ? stream : activatedAlong(node, stream, axis, { kind: 'softmax' });
    node.streaming = `${node.isStep ? 'pointwise' : 'whole window'}, the score of each class in place of the number of the best`;
    return [made];
  };
