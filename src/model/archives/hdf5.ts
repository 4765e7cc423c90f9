import { Worker } from 'node:worker_threads';
import { LstmdError } from '../../errors.js';
import type { StoredWeight } from './model-source.js';

/** What of an HDF5 file is of interest here, free of the library that read it. */
export interface Hdf5Content {
  /** String attributes of groups, by path and name; the root is `/`, other paths begin without a slash. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly datasets: ReadonlyMap<string, StoredWeight>;
  /** Names in the root. */
  readonly names: readonly string[];
}

/** What the worker is given. */
export interface Hdf5Request {
  readonly bytes: Uint8Array;
  /** Groups of the root whose attributes and datasets are read. */
  readonly groups: readonly string[];
}

/** What it answers: the content, or what is wrong with the file. */
export type Hdf5Answer = { readonly content: Hdf5Content } | { readonly reason: string };

/**
 * Reads HDF5 in a thread of its own: one flipped bit can send the HDF5 library round in circles for
 * ever or make it write where it should not, and a thread can be ended and takes its memory with it.
 *
 * @param groups of the root whose attributes and datasets are read
 * @throws LstmdError `model.malformed` when the file is damaged or reading it does not end
 */
export async function readHdf5(
  bytes: Uint8Array,
  groups: readonly string[],
  timeoutMs = 30_000,
): Promise<Hdf5Content> {
  const request: Hdf5Request = { bytes, groups };
  const worker = new Worker(new URL('hdf5-worker.js', import.meta.url), {
    workerData: request,
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<Hdf5Answer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => resolve({ reason: 'the HDF5 library gave up' }));
      timer = setTimeout(
        () => resolve({ reason: `reading it did not end within ${timeoutMs} ms` }),
        timeoutMs,
      );
    });
    if ('content' in answer) return answer.content;
    throw new LstmdError('model.malformed', `the HDF5 data is damaged: ${answer.reason}`);
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
