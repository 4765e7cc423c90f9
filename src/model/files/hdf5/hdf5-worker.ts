import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../base/errors.js';
import type { Hdf5Answer, Hdf5Request } from './hdf5-content.js';
import { Hdf5RefusedError, Hdf5Reader } from './hdf5-reader.js';
import { WorkCounter } from './work-counter.js';

const counter = new WorkCounter(workerData as SharedArrayBuffer);
counter.begin();

/** The innermost line of the library's error stack, which says what is wrong with the file. */
function innermostReason(error: unknown): string {
  const lines = messageOf(error).split('\n');
  const stack = lines.filter((line) => /^\s*#\d+:/.test(line));
  return stack.at(-1)?.replace(/^.*\(\): /, '') ?? lines[0] ?? '';
}

/** @throws what loading the library throws, for which the file is not the reason */
async function answer(request: Hdf5Request): Promise<Hdf5Answer> {
  const library = await import('h5wasm');
  const module = await library.ready;
  counter.raise();
  try {
    const reader = new Hdf5Reader(library, module, request, () => counter.raise());
    return { content: reader.content() };
  } catch (error) {
    const kind = error instanceof Hdf5RefusedError ? 'refused' : 'damaged';
    return { fault: innermostReason(error), kind };
  }
}

async function respond(request: Hdf5Request): Promise<void> {
  const result = await answer(request);
  const datasets = 'content' in result ? [...result.content.datasets.values()] : [];
  parentPort?.postMessage(
    result,
    datasets.map(({ data }) => data.buffer as ArrayBuffer),
  );
}

parentPort?.once('message', (request: Hdf5Request) => void respond(request));
