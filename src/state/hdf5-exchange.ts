import { readFile, stat } from 'node:fs/promises';
import { fileFault, LstmdError, reasonOf } from '../base/errors.js';
import { MemorySource } from '../model/files/byte-source.js';
import type { Hdf5Content } from '../model/files/hdf5/hdf5-content.js';
import { readHdf5 } from '../model/files/hdf5/read-hdf5.js';
import { writeHdf5 } from '../model/files/hdf5/write-hdf5.js';
import type { StateTensor } from '../model/plan/stream-plan.js';
import { fileToReplace, replaceFile } from '../platform/atomic-file.js';

/**
 * Writes a lane as Keras users keep states with h5py: for each recurrent layer the float32
 * datasets `states_<index in model.layers>_0` (h) and `..._1` (c), shape (1, units).
 *
 * @param tensors of the plan
 * @param lane `plan.laneStateSize` floats
 * @throws LstmdError `state.mismatch` for a tensor that has no such dataset,
 *   `output.write` when the file cannot be written
 */
export async function exportHdf5(
  path: string,
  tensors: readonly StateTensor[],
  lane: Float32Array,
): Promise<void> {
  const named = namedTensors(tensors);
  const bytes = await writeHdf5(
    named.map(({ name, tensor }) => ({
      name,
      shape: [1, tensor.size],
      data: lane.slice(tensor.offset, tensor.offset + tensor.size),
    })),
  );
  try {
    // The file is for others to read, unlike those that the program keeps for itself.
    await replaceFile(await fileToReplace(path), bytes, { mode: 0o666 });
  } catch (cause) {
    throw new LstmdError('output.write', fileFault(path, cause), { cause });
  }
}

/**
 * Reads a file that `exportHdf5` or h5py wrote into a lane. The lane is changed only when the
 * whole file fits: every tensor is there and nothing else, with the right shape and finite values.
 *
 * @throws LstmdError `state.unreadable` where there is no HDF5 file,
 *   `state.mismatch` naming the dataset that does not fit
 */
export async function importHdf5(
  path: string,
  tensors: readonly StateTensor[],
  lane: Float32Array,
): Promise<void> {
  const named = namedTensors(tensors);
  const content = await contentOf(path);
  try {
    const extra = content.names.find((key) => !named.some(({ name }) => name === key));
    if (extra !== undefined) {
      throw mismatch(`${extra} belongs to no recurrent layer of the model`);
    }
    const values = named.map(({ name, tensor }) => ({
      offset: tensor.offset,
      floats: floatsOf(content, name, tensor),
    }));
    for (const { offset, floats } of values) {
      lane.set(floats, offset);
    }
  } catch (cause) {
    if (!(cause instanceof LstmdError)) {
      throw cause;
    }
    throw new LstmdError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}

/** Far more than the state of any model that a small machine could step. */
const maxFileBytes = 64 * 2 ** 20;

async function contentOf(path: string): Promise<Hdf5Content> {
  const unreadable = (what: string, cause?: unknown): LstmdError =>
    new LstmdError('state.unreadable', `${path} cannot be read as HDF5: ${what}`, { cause });
  let bytes: Uint8Array;
  try {
    const about = await stat(path);
    // Reading a pipe or a device might never end.
    if (!about.isFile()) {
      throw new Error('it is not a file');
    }
    if (about.size > maxFileBytes) {
      throw new Error(`it has ${about.size} bytes`);
    }
    bytes = await readFile(path);
  } catch (cause) {
    throw unreadable(reasonOf(cause), cause);
  }
  const source = new MemorySource(bytes);
  const answer = await readHdf5(source, { groups: null, maxBytes: maxFileBytes });
  if ('fault' in answer) {
    throw unreadable(answer.fault);
  }
  return answer.content;
}

function floatsOf(content: Hdf5Content, name: string, tensor: StateTensor): Float32Array {
  const label = `${name} (layer ${tensor.layer})`;
  if (!content.names.includes(name)) {
    throw mismatch(`${label} is missing`);
  }
  const dataset = content.datasets.get(name);
  if (dataset === undefined) {
    throw mismatch(`${label} is no dataset`);
  }
  const { shape, type, data } = dataset;
  if (shape.length !== 2 || shape[0] !== 1 || shape[1] !== tensor.size) {
    throw mismatch(`${label} has shape (${shape.join(', ')}), not (1, ${tensor.size})`);
  }
  if (!type.includes('float')) {
    throw mismatch(`${label} does not hold floats`);
  }
  if (!data.every(Number.isFinite)) {
    throw mismatch(`${label} holds NaN or Inf`);
  }
  return data;
}

function namedTensors(
  tensors: readonly StateTensor[],
): readonly { readonly name: string; readonly tensor: StateTensor }[] {
  const layers = new Map<string, string>();
  return tensors.map((tensor) => {
    const name = datasetName(tensor);
    const other = layers.get(name);
    if (other !== undefined) {
      throw mismatch(
        `layers ${other} and ${tensor.layer} are both in layer ${tensor.layerIndex} of the model, and would both be ${name}`,
      );
    }
    layers.set(name, tensor.layer);
    return { name, tensor };
  });
}

function datasetName({ layer, layerIndex, role }: StateTensor): string {
  if (role !== 'h' && role !== 'c') {
    const what = role === 'accumulator' ? 'a sum over the window' : `a state of its own (${role})`;
    throw mismatch(
      `layer ${layer} keeps ${what}, for which Keras has no state: only the h and c of recurrent layers can be exchanged`,
    );
  }
  return `states_${layerIndex}_${role === 'h' ? 0 : 1}`;
}

function mismatch(what: string): LstmdError {
  return new LstmdError('state.mismatch', what);
}
