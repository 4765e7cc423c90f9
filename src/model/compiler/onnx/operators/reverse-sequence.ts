import { axesOf, pickedAlong } from '../values/gathered.js';
import { plain, sizesOf } from '../values/value.js';
import { axisOf, type Operator } from './operator.js';

/** ReverseSequence: the first indices of an axis in the opposite order, as many as the lengths say, which must be known. */
export const reverseSequence: Operator = (node) => {
  const { options } = node;
  const value = node.input(0);
  const sizes = sizesOf(value);
  const axis = axisOf(node, options.int('time_axis', 0), sizes.length);
  options.ignore('batch_axis');
  const lengths = node.constant(1, 'sequence_lens');
  const [length = Number.NaN] = lengths?.data ?? [];
  const size = sizes[axis] ?? 1;
  if (lengths === undefined || !(length >= 0 && length <= size)) {
    throw options.malformed(`its lengths are none of an axis of ${size}`);
  }
  if (!lengths.data.every((one: number) => one === length)) {
    throw options.refused('its lengths are others for each lane of the batch');
  }
  const own = axesOf(value)[axis] ?? plain(1);
  if (value.kind === 'stream') {
    node.requireKnown(lengths);
    if (own.kind === 'time') {
      node.requireWindow('it turns the steps of a window');
    }
    node.streaming = node.isStep ? 'identity' : 'whole window';
  }
  if (own.kind === 'batch' && own.size > 1) {
    throw options.refused('it turns the lanes of the batch: export the model with a batch of 1');
  }
  const kept = Array.from({ length: size }, (_, i) => (i < length ? length - 1 - i : i));
  return [pickedAlong(node, value, axis, kept, own)];
};
