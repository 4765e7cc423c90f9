import { LstmdError } from '../../../base/errors.js';
import type { Hdf5Content } from '../hdf5/hdf5-content.js';
import { readHdf5 } from '../hdf5/read-hdf5.js';
import { maxModelBytes } from '../size-limit.js';

/**
 * Reads the weights and the attributes of an HDF5 file.
 *
 * @param groups of the root whose attributes and datasets are read
 * @param signal ends the reading, which then throws its reason
 * @throws LstmdError `model.malformed` when the file is damaged, `model.refused` when it is too large,
 *   `model.notRead` where it is not the file that is at fault
 */
export async function readWeights(
  bytes: Uint8Array,
  groups: readonly string[],
  signal?: AbortSignal,
): Promise<Hdf5Content> {
  const answer = await readHdf5({ bytes, groups, maxBytes: maxModelBytes }, { signal });
  if ('content' in answer) {
    return answer.content;
  }
  if (answer.isTooLarge) {
    throw new LstmdError('model.refused', `the HDF5 data is not read: ${answer.fault}`);
  }
  throw new LstmdError(
    'model.malformed',
    `the HDF5 data is damaged: ${answer.fault}; copy the file again`,
  );
}
