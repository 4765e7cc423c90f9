import { readdir, readFile, stat } from 'node:fs/promises';
import { LstmdError, messageOf } from '../../errors.js';
import { foreignFile, foreignFolder } from './foreign-file.js';
import { readKerasArchive } from './keras-archive.js';
import { readKerasHdf5 } from './keras-hdf5.js';
import { maxModelBytes, type ModelSource } from './model-source.js';

const zipMagic = 'PK\u0003\u0004';
const hdf5Magic = '\u0089HDF\r\n\u001A\n';

/**
 * The bytes of a model file.
 *
 * @throws LstmdError `model.unreadable` when there is none, `model.refused` when it is too large
 */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    const about = await stat(path);
    if (about.isDirectory()) throw foreignFolder(await readdir(path));
    // A pipe or a device might never end.
    if (!about.isFile()) throw new LstmdError('model.unreadable', 'this is not a file');
    if (about.size > maxModelBytes)
      throw new LstmdError(
        'model.refused',
        `the file has ${about.size} bytes, more than the ${maxModelBytes} that are read`,
      );
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof LstmdError) throw cause;
    throw new LstmdError('model.unreadable', messageOf(cause), { cause });
  }
}

/**
 * What a model file holds, whatever its name says: a `.keras` may be HDF5 in truth.
 *
 * @throws LstmdError `model.malformed` when it is damaged, `model.refused` when it is nothing that can be loaded
 */
export async function parseModelFile(bytes: Uint8Array): Promise<ModelSource> {
  const magic = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (magic.startsWith(zipMagic)) return readKerasArchive(bytes);
  if (magic === hdf5Magic) return readKerasHdf5(bytes);
  if (bytes.length > 0 && (zipMagic.startsWith(magic) || hdf5Magic.startsWith(magic)))
    throw new LstmdError('model.malformed', 'the file is cut off; copy it again');
  throw foreignFile(bytes);
}
