import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AbsentPeer } from './peers.js';

export const sideNames = [
  'native',
  'reference',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs',
  'onnxruntime-node',
] as const;
export type SideName = (typeof sideNames)[number];

/** What stepping the seed model, one sample a call, takes of a process that does nothing else. */
export interface Side {
  readonly name: SideName;
  /** The SIMD target, `float64`, or the library with its version and backend. */
  readonly target: string;
  readonly medianNs: number;
  readonly p99Ns: number;
  /** Resident, before the engine was loaded and after it was measured. */
  readonly rssBeforeMiB: number;
  readonly rssMiB: number;
  /** From the reference engine, over a thousand samples. */
  readonly largestDifference: number;
}

const processFile = fileURLToPath(new URL('side-process.js', import.meta.url));

/** Measures each in a process of its own, one after the other. */
export async function measureSides(secondsEach: number): Promise<(Side | AbsentPeer)[]> {
  const sides: (Side | AbsentPeer)[] = [];
  for (const name of sideNames) {
    const child = fork(processFile, [name, String(secondsEach)], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const closed = once(child, 'close');
    const [message] = (await Promise.race([once(child, 'message'), closed])) as [unknown];
    await closed;
    sides.push(isSideMessage(message) ? message : { name, reason: 'its process ended' });
  }
  return sides;
}

/** Not the exit code of a process that came to say nothing. */
function isSideMessage(message: unknown): message is Side | AbsentPeer {
  return typeof message === 'object' && message !== null;
}
