import { Worker } from 'node:worker_threads';
import { messageOf } from '../../../base/errors.js';
import type { Hdf5Answer, Hdf5Request } from './hdf5-content.js';

/** The time limit of a small file; a larger one has more. */
const minTimeoutMs = 4_000;
const bytesPerMs = 2 ** 15;
/** JavaScript's heap in the thread, where only names and small buffers lie. */
const maxHeapMiB = 256;

/**
 * Reads HDF5 in a thread of its own: one flipped bit can keep the HDF5 library in a loop for ever or
 * make it write where it should not, and a thread can be ended and takes its memory with it. Each
 * thread reads one file, since a damaged one may leave the library in any state.
 *
 * The bytes are transferred to the thread: they are empty afterwards, unless they are part of a
 * larger buffer.
 *
 * @param timeoutMs after which the file counts as damaged
 */
export async function readHdf5(
  { bytes, groups, maxBytes }: Hdf5Request,
  timeoutMs = minTimeoutMs + bytes.length / bytesPerMs,
): Promise<Hdf5Answer> {
  const worker = new Worker(new URL('hdf5-worker.js', import.meta.url), {
    stdout: true,
    stderr: true,
    // Options that this process was started with (`--input-type`, `--eval`) do not fit a file.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Hdf5Answer>((resolve) => {
      const damaged = (fault: string): void => resolve({ fault, isTooLarge: false });
      worker.once('message', resolve);
      worker.once('error', (error) => damaged(`the HDF5 library gave up: ${messageOf(error)}`));
      worker.once('exit', () => damaged('the HDF5 library gave up'));
      timer = setTimeout(
        () => damaged(`reading it did not end within ${Math.round(timeoutMs)} ms`),
        timeoutMs,
      );
      const isWholeBuffer = bytes.length === bytes.buffer.byteLength;
      const transferred = isWholeBuffer ? bytes : Uint8Array.from(bytes);
      const message: Hdf5Request = { bytes: transferred, groups, maxBytes };
      worker.postMessage(message, [transferred.buffer as ArrayBuffer]);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
