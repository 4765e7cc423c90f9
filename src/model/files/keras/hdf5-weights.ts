import { LstmdError } from '../../../base/errors.js';
import type { ByteSource } from '../byte-source.js';
import type { Hdf5Content } from '../hdf5/hdf5-content.js';
import { readHdf5 } from '../hdf5/read-hdf5.js';
import { maxModelBytes } from '../size-limit.js';

/**
 * Reads the weights and the attributes of an HDF5 file.
 *
 * @param groups of the root whose attributes and datasets are read
 * @param options.label begins the messages about the data: where they lie, if they are not the whole file
 * @param options.signal ends the reading, which then throws its reason
 * @throws LstmdError `model.malformed` when the file is damaged, `model.refused` when it is too large or compressed as only a plug-in reads it,
 *   `model.notRead` where it is not the file that is at fault
 */
export async function readWeights(
  file: ByteSource,
  groups: readonly string[],
  { label = '', signal }: { label?: string; signal?: AbortSignal | undefined } = {},
): Promise<Hdf5Content> {
  const answer = await readHdf5(file, { groups, maxBytes: maxModelBytes }, signal);
  if ('content' in answer) {
    return answer.content;
  }
  if (answer.kind === 'refused') {
    throw new LstmdError('model.refused', `${label}the HDF5 data is not read: ${answer.fault}`);
  }
  throw new LstmdError(
    'model.malformed',
    `${label}the HDF5 data is damaged: ${answer.fault}; copy the file again`,
  );
}
