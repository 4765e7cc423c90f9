import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { File } from 'h5wasm/node';
import { LstmdError, messageOf } from '../errors.js';
import type { StateTensor } from '../model/plan.js';

/**
 * Writes a lane as Keras users keep states with h5py: for each recurrent layer the float32
 * datasets `states_<index in model.layers>_0` (h) and `..._1` (c), shape (1, units).
 *
 * @param tensors of the plan
 * @param lane `plan.laneStateSize` floats
 * @throws LstmdError `state.mismatch` for a tensor that has no such dataset,
 *   `state.write` when the file cannot be written
 */
export async function exportHdf5(
  path: string,
  tensors: readonly StateTensor[],
  lane: Float32Array,
): Promise<void> {
  const names = tensors.map((tensor) => datasetName(tensor));
  const { File, ready } = await import('h5wasm/node');
  await ready;
  const unfinished = `${path}.new`;
  try {
    const file = new File(unfinished, 'w');
    try {
      tensors.forEach(({ offset, size }, i) => {
        file.create_dataset({
          name: names[i] ?? '',
          data: lane.slice(offset, offset + size),
          shape: [1, size],
          dtype: '<f',
        });
      });
    } finally {
      file.close();
    }
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw new LstmdError('state.write', `${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Reads what `exportHdf5` or h5py wrote into a lane. The lane is written only when all of
 * the file fits: every tensor there, nothing else, the right shapes, finite values.
 *
 * @throws LstmdError `state.unreadable` where there is no HDF5 file,
 *   `state.mismatch` naming the dataset that does not fit
 */
export async function importHdf5(
  path: string,
  tensors: readonly StateTensor[],
  lane: Float32Array,
): Promise<void> {
  const names = tensors.map((tensor) => datasetName(tensor));
  const values = await readFile(path, (file) => {
    const extra = file.keys().find((key) => !names.includes(key));
    if (extra !== undefined) {
      throw mismatch(path, `${extra} belongs to no recurrent layer of this model`);
    }
    return tensors.map((tensor, i) => readTensor(path, file, names[i] ?? '', tensor));
  });
  tensors.forEach(({ offset }, i) => lane.set(values[i] ?? [], offset));
}

async function readFile<T>(path: string, read: (file: File) => T): Promise<T> {
  const { File, ready } = await import('h5wasm/node');
  await ready;
  if (!existsSync(path)) throw new LstmdError('state.unreadable', `no file ${path}`);
  let file: File;
  try {
    file = new File(path, 'r');
  } catch (cause) {
    throw new LstmdError('state.unreadable', `${path} is not an HDF5 file`, { cause });
  }
  try {
    return read(file);
  } finally {
    file.close();
  }
}

function readTensor(path: string, file: File, name: string, tensor: StateTensor): Float32Array {
  const entity = file.get(name);
  if (entity === null) throw mismatch(path, `${name} (layer ${tensor.layer}) is missing`);
  if (!('shape' in entity) || !('value' in entity)) throw mismatch(path, `${name} is no dataset`);
  const { shape, value } = entity;
  if (shape?.length !== 2 || shape[0] !== 1 || shape[1] !== tensor.size) {
    throw mismatch(
      path,
      `${name} (layer ${tensor.layer}) has shape (${shape?.join(', ') ?? ''}), not (1, ${tensor.size})`,
    );
  }
  if (!(value instanceof Float32Array) && !(value instanceof Float64Array)) {
    throw mismatch(path, `${name} (layer ${tensor.layer}) does not hold floats`);
  }
  const floats = Float32Array.from(value);
  if (!floats.every(Number.isFinite)) {
    throw mismatch(path, `${name} (layer ${tensor.layer}) holds NaN or Inf`);
  }
  return floats;
}

function datasetName({ layer, layerIndex, role }: StateTensor): string {
  if (role === 'accumulator') {
    throw new LstmdError(
      'state.mismatch',
      `layer ${layer} keeps a sum over the window, for which Keras has no state: only the h and c of recurrent layers can be exchanged`,
    );
  }
  return `states_${layerIndex}_${role === 'h' ? 0 : 1}`;
}

function mismatch(path: string, what: string): LstmdError {
  return new LstmdError('state.mismatch', `${path}: ${what}`);
}
