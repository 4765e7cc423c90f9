import { allBytes, type ByteSource } from '../byte-source.js';
import type { Hdf5Answer, Hdf5Selection } from './hdf5-content.js';
import { readOwnFormat } from './own-reader.js';

/**
 * Reads HDF5: a file as Keras and h5py write it by itself, and anything else, damaged files included, with
 * the HDF5 library, which is loaded for that.
 *
 * @param signal ends the reading, which then throws its reason
 * @throws LstmdError `model.notRead` when the library's thread cannot start or stands still, and when
 *   the file cannot be read at all
 */
export async function readHdf5(
  source: ByteSource,
  selection: Hdf5Selection,
  signal?: AbortSignal,
): Promise<Hdf5Answer> {
  const content = await readOwnFormat(source, selection, signal);
  if (content !== null) {
    return { content };
  }
  const { readWithLibrary } = await import('./library-thread.js');
  const bytes = await allBytes(source, signal);
  return readWithLibrary({ bytes, ...selection }, { signal });
}
