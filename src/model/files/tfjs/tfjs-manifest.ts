import { LstmdError } from '../../../base/errors.js';
import { isObject } from '../../../base/json.js';
import type { StoredWeight } from '../../source/model-source.js';
import { decodeNumbers, sizeOfNumber } from '../number-formats.js';

/** A group of weights. The bytes of its shards, one after the other, are those of its weights. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestWeight[];
}

interface ManifestWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** Type of number that the model computes with. */
  readonly type: string;
  /** Type of number in the shards. */
  readonly storedType: string;
  /** A stored integer q stands for `q * scale + min`. */
  readonly scale: number;
  readonly min: number;
}

/** Shards that a model may have; the converter makes one for each 4 MiB. */
const maxShards = 4096;

/**
 * Reads the `weightsManifest` of a `model.json`.
 *
 * @throws LstmdError `model.malformed`, `model.refused` for more shards than are read
 */
export function readManifest(manifest: unknown): readonly WeightGroup[] {
  let shards = 0;
  return requireList(manifest, 'weightsManifest').map((group) => {
    if (!isObject(group)) {
      throw malformed('a group of weightsManifest is no object');
    }
    const paths = requireList(group['paths'], 'paths').map((path) => {
      if (typeof path !== 'string') {
        throw malformed('a path of a shard is no text');
      }
      return path;
    });
    shards += paths.length;
    if (shards > maxShards) {
      throw new LstmdError('model.refused', `model.json names more than ${maxShards} shards`);
    }
    return { paths, weights: requireList(group['weights'], 'weights').map(readWeight) };
  });
}

function readWeight(entry: unknown): ManifestWeight {
  if (!isObject(entry) || typeof entry['name'] !== 'string') {
    throw malformed('a weight of weightsManifest has no name');
  }
  const { name, dtype, quantization } = entry;
  const shape = requireList(entry['shape'], `shape of weight ${name}`).map((size) => {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw malformed(`weight ${name} has an impossible shape`);
    }
    return size;
  });
  if (typeof dtype !== 'string') {
    throw malformed(`weight ${name} has no dtype`);
  }
  const plain = { name, shape, type: dtype, storedType: dtype, scale: 1, min: 0 };
  if (quantization === undefined || quantization === null) {
    return plain;
  }
  if (!isObject(quantization) || typeof quantization['dtype'] !== 'string') {
    throw malformed(`the quantization of weight ${name} is not understood`);
  }
  const storedType = quantization['dtype'];
  if (storedType === 'float16') {
    return { ...plain, storedType };
  }
  const { scale, min } = quantization;
  if (typeof scale !== 'number' || typeof min !== 'number') {
    throw malformed(`the quantization of weight ${name} has no scale and min`);
  }
  return { ...plain, storedType, scale, min };
}

/**
 * Cuts the bytes of a group's shards into its weights, as float32.
 *
 * @throws LstmdError `model.malformed` when there are fewer or more bytes than the manifest says,
 *   `model.refused` for a type of number that is not known
 */
export function decodeGroup(group: WeightGroup, bytes: Uint8Array): StoredWeight[] {
  let at = 0;
  const weights = group.weights.map((weight): StoredWeight => {
    const { name, shape, type, storedType, scale, min } = weight;
    const size = sizeOfNumber(storedType);
    if (size === undefined) {
      throw new LstmdError('model.refused', `weight ${name} holds ${storedType}, not numbers`);
    }
    const end = at + shape.reduce((a, b) => a * b, size);
    if (end > bytes.length) {
      throw malformed(
        `weight ${name} ends at byte ${end} of shards that have ${bytes.length} (${group.paths.join(', ')}): one is cut off or another model's`,
      );
    }
    const data = decodeNumbers(bytes.subarray(at, end), storedType) ?? new Float32Array(0);
    at = end;
    if (scale !== 1 || min !== 0) {
      for (const [i, value] of data.entries()) {
        data[i] = value * scale + min;
      }
    }
    return { path: name, shape, type, data };
  });
  if (at < bytes.length) {
    throw malformed(
      `the shards ${group.paths.join(', ')} have ${bytes.length} bytes, of which the manifest names ${at}`,
    );
  }
  return weights;
}

function requireList(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) {
    throw malformed(`${what} of model.json is not a list`);
  }
  return value;
}

function malformed(message: string): LstmdError {
  return new LstmdError('model.malformed', message);
}
