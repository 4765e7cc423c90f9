import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AbsentPeer, ProcessResult } from './peer.js';
import { measureInPython } from './python-process.js';

export const processNames = [
  'native',
  'reference',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs',
  'onnxruntime-node',
] as const;
export type ProcessName = (typeof processNames)[number];

const processFile = fileURLToPath(new URL('peer-process.js', import.meta.url));

/** Measures the engines and the libraries one after the other, each in a process of its own. */
export async function measureInOwnProcesses(
  secondsEach: number,
): Promise<(ProcessResult | AbsentPeer)[]> {
  const results: (ProcessResult | AbsentPeer)[] = [];
  for (const name of processNames) {
    const child = fork(processFile, [name, String(secondsEach)], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const closed = once(child, 'close');
    const [message] = (await Promise.race([once(child, 'message'), closed])) as [unknown];
    await closed;
    results.push(isResult(message) ? message : { name, reason: 'its process ended' });
  }
  return [...results, await measureInPython(secondsEach)];
}

/** Tells a result from the exit code of a process that ended without one. */
function isResult(message: unknown): message is ProcessResult | AbsentPeer {
  return typeof message === 'object' && message !== null;
}
