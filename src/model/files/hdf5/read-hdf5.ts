import { Worker } from 'node:worker_threads';
import { messageOf } from '../../../base/errors.js';
import type { Hdf5Answer, Hdf5Request } from './hdf5-content.js';

/** A large file of a slow machine gets more. */
const leastTimeoutMs = 4_000;
const bytesPerMs = 2 ** 15;
/** JavaScript's own memory of the thread, in which only names and small buffers lie. */
const maxHeapMiB = 256;

/**
 * Reads HDF5 in a thread of its own: one flipped bit can send the HDF5 library round in circles for
 * ever or make it write where it should not, and a thread can be ended and takes its memory with it.
 * It is used once, since nothing tells what a damaged file left behind in it.
 *
 * The bytes are handed over: they are empty afterwards, unless they are part of a larger buffer.
 */
export async function readHdf5(
  { bytes, groups, maxBytes }: Hdf5Request,
  timeoutMs = leastTimeoutMs + bytes.length / bytesPerMs,
): Promise<Hdf5Answer> {
  const worker = new Worker(new URL('hdf5-worker.js', import.meta.url), {
    stdout: true,
    stderr: true,
    // What this process was started with (`--input-type`, `--eval` ...) is not for a file.
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
      const isWhole = bytes.length === bytes.buffer.byteLength;
      const own = isWhole ? bytes : Uint8Array.from(bytes);
      const message: Hdf5Request = { bytes: own, groups, maxBytes };
      worker.postMessage(message, [own.buffer as ArrayBuffer]);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
