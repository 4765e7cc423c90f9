import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { File } from 'h5wasm';
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
  const named = tensors.map((tensor) => ({ name: datasetName(tensor), tensor }));
  const hdf5 = await openInMemory();
  try {
    for (const { name, tensor } of named) {
      const data = lane.slice(tensor.offset, tensor.offset + tensor.size);
      hdf5.file.create_dataset({ name, data, shape: [1, tensor.size], dtype: '<f' });
    }
    const unfinished = `${path}.new`;
    try {
      await writeFile(unfinished, hdf5.finish());
      await rename(unfinished, path);
    } catch (cause) {
      await rm(unfinished, { force: true });
      throw new LstmdError('state.write', `${path}: ${messageOf(cause)}`, { cause });
    }
  } finally {
    hdf5.close();
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
  const named = tensors.map((tensor) => ({ name: datasetName(tensor), tensor }));
  let values: readonly { readonly offset: number; readonly floats: Float32Array }[];
  try {
    const hdf5 = await openInMemory(await readFile(path));
    try {
      const extra = hdf5.file.keys().find((key) => !named.some(({ name }) => name === key));
      if (extra !== undefined) throw mismatch(`${extra} belongs to no recurrent layer of the model`);
      values = named.map(({ name, tensor }) => ({
        offset: tensor.offset,
        floats: readTensor(hdf5.file, name, tensor),
      }));
    } finally {
      hdf5.close();
    }
  } catch (cause) {
    const what = messageOf(cause).split('\n', 1)[0] ?? '';
    if (cause instanceof LstmdError) throw new LstmdError(cause.code, `${path}: ${what}`, { cause });
    throw new LstmdError('state.unreadable', `${path} cannot be read as HDF5: ${what}`, { cause });
  }
  for (const { offset, floats } of values) lane.set(floats, offset);
}

interface InMemoryHdf5 {
  readonly file: File;
  /** Closes the HDF5 file and returns its bytes. */
  finish(): Uint8Array;
  close(): void;
}

let opened = 0;

/** A new HDF5 file or these bytes, in memory only: a link in it then reaches nothing of this machine. */
async function openInMemory(bytes?: Uint8Array): Promise<InMemoryHdf5> {
  const { File, ready } = await import('h5wasm');
  const module = await ready;
  // Without this a failed read only prints to stderr and returns whatever memory held.
  module.activate_throwing_error_handler();
  opened += 1;
  const name = `/states-${opened}.h5`;
  if (bytes !== undefined) module.FS.writeFile(name, bytes);
  let file: File | undefined;
  try {
    file = new File(name, bytes === undefined ? 'w' : 'r');
  } finally {
    if (file === undefined && bytes !== undefined) module.FS.unlink(name);
  }
  let isOpen = true;
  const closeFile = (): void => {
    if (isOpen) file.close();
    isOpen = false;
  };
  return {
    file,
    finish() {
      closeFile();
      return module.FS.readFile(name);
    },
    close() {
      closeFile();
      module.FS.unlink(name);
    },
  };
}

function readTensor(file: File, name: string, tensor: StateTensor): Float32Array {
  const label = `${name} (layer ${tensor.layer})`;
  const entity = file.keys().includes(name) ? file.get(name) : null;
  if (entity === null) throw mismatch(`${label} is missing`);
  if (!('shape' in entity) || !('value' in entity)) throw mismatch(`${label} is no dataset`);
  const shape = entity.shape ?? [];
  if (shape.length !== 2 || shape[0] !== 1 || shape[1] !== tensor.size) {
    throw mismatch(`${label} has shape (${shape.join(', ')}), not (1, ${tensor.size})`);
  }
  const { value } = entity;
  if (!(value instanceof Float32Array) && !(value instanceof Float64Array)) {
    throw mismatch(`${label} does not hold floats`);
  }
  const floats = Float32Array.from(value);
  if (!floats.every(Number.isFinite)) throw mismatch(`${label} holds NaN or Inf`);
  return floats;
}

function datasetName({ layer, layerIndex, role }: StateTensor): string {
  if (role === 'accumulator') {
    throw mismatch(
      `layer ${layer} keeps a sum over the window, for which Keras has no state: only the h and c of recurrent layers can be exchanged`,
    );
  }
  return `states_${layerIndex}_${role === 'h' ? 0 : 1}`;
}

function mismatch(what: string): LstmdError {
  return new LstmdError('state.mismatch', what);
}
