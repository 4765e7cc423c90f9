import { Worker } from 'node:worker_threads';
import { LstmdError, messageOf } from '../../../base/errors.js';
import { threadStatus } from '../../../platform/thread-status.js';
import type { Hdf5Answer, Hdf5Request } from './hdf5-content.js';
import { WorkCounter } from './work-counter.js';
import { WorkWatch, type WorkLimits } from './work-watch.js';

/** CPU time that one object of a small file may take; one of a larger file has more. */
const minCpuMs = 20_000;
const bytesPerCpuMs = 2 ** 12;
const lookMs = 250;
/** A minute, on a machine that lets the parent look as often as it wants to. */
const idleLooks = 240;
/** JavaScript's heap in the thread, where only names and small buffers lie. */
const maxHeapMiB = 256;

export interface LibraryThreadOptions {
  /** Ends the thread; `readWithLibrary` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<WorkLimits>;
  /** The program of the thread. */
  readonly worker?: URL;
}

/**
 * Reads HDF5 in a thread of its own: one flipped bit can keep the HDF5 library in a loop for ever or
 * make it write where it should not, and a thread can be ended and takes its memory with it. Each
 * thread reads one file, since a damaged one may leave the library in any state.
 *
 * A file counts as damaged when the thread uses much CPU time and comes no further. How long it takes is
 * no reason: on a busy machine a healthy file may take minutes. Where there is no /proc, nothing but the
 * signal ends the reading.
 *
 * The bytes are transferred to the thread: they are empty afterwards, unless they are part of a
 * larger buffer.
 *
 * @throws LstmdError `model.notRead` when the thread cannot start or stands still, for which the file is
 *   not the reason; the signal's reason when that aborts
 */
export async function readWithLibrary(
  { bytes, groups, maxBytes }: Hdf5Request,
  { signal, limits, worker: program = workerProgram }: LibraryThreadOptions = {},
): Promise<Hdf5Answer> {
  signal?.throwIfAborted();
  const work = { cpuMs: minCpuMs + bytes.length / bytesPerCpuMs, idleLooks, lookMs, ...limits };
  const counter = new WorkCounter();
  const worker = startThread(program, counter);
  let timer: NodeJS.Timeout | undefined;
  const ended = new AbortController();
  try {
    return await new Promise<Hdf5Answer>((resolve, reject) => {
      const gaveUp = (what: string, cause?: unknown): void => {
        // The library raises the count once it is loaded: before that, the file was not even looked at.
        if (counter.progress === 0) {
          reject(notRead(`its thread did not start: ${what}`, cause));
          return;
        }
        resolve({ fault: `the HDF5 library gave up: ${what}`, kind: 'damaged' });
      };
      worker.once('message', resolve);
      worker.once('error', (error) => gaveUp(messageOf(error), error));
      worker.once('exit', (code) => gaveUp(`exit ${code}`));
      signal?.addEventListener('abort', () => reject(signal.reason as Error), {
        signal: ended.signal,
      });
      const watch = new WorkWatch(work);
      timer = setInterval(() => {
        const verdict = watch.look(counter.progress, threadStatus(counter.threadId));
        if (verdict === 'looping') {
          const seconds = Math.round(work.cpuMs / 1000);
          resolve({
            fault: `the HDF5 library comes no further after ${seconds} s of CPU time`,
            kind: 'damaged',
          });
        } else if (verdict === 'stalled') {
          reject(notRead('its thread sleeps and comes no further'));
        }
      }, work.lookMs);
      const isWholeBuffer = bytes.length === bytes.buffer.byteLength;
      const transferred = isWholeBuffer ? bytes : Uint8Array.from(bytes);
      const message: Hdf5Request = { bytes: transferred, groups, maxBytes };
      worker.postMessage(message, [transferred.buffer as ArrayBuffer]);
    });
  } finally {
    ended.abort();
    clearInterval(timer);
    await worker.terminate();
  }
}

const workerProgram = new URL('hdf5-worker.js', import.meta.url);

function startThread(program: URL, counter: WorkCounter): Worker {
  try {
    return new Worker(program, {
      workerData: counter.buffer,
      stdout: true,
      stderr: true,
      // Options that this process was started with (`--input-type`, `--eval`) do not fit a file.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
    });
  } catch (cause) {
    throw notRead(`no thread can be started: ${messageOf(cause)}`, cause);
  }
}

function notRead(what: string, cause?: unknown): LstmdError {
  return new LstmdError(
    'model.notRead',
    `the HDF5 data was not read, for which the file is not the reason: ${what}; look at the memory and the threads that this process may have, and try again`,
    { cause },
  );
}
