import { errorCode, messageOf } from '../../base/errors.js';
import type { Contestant } from './contestant.js';
import { onnxContestant } from './onnx-peer.js';
import { seedModel, type SeedModel } from './synthetic-plan.js';
import { tfjsContestant } from './tfjs-peer.js';

export interface AbsentPeer {
  readonly name: string;
  readonly reason: string;
}

type Load = (seed: SeedModel, library: unknown) => Promise<Contestant>;

/** Each steps the seed model one sample at a time, with its state carried. */
const peers: readonly { readonly name: string; readonly load: Load }[] = [
  { name: 'onnxruntime-node', load: onnxContestant },
  { name: '@tensorflow/tfjs', load: (seed, library) => tfjsContestant('tfjs', seed, library) },
  {
    name: '@tensorflow/tfjs-node',
    load: (seed, library) => tfjsContestant('tfjs-node', seed, library),
  },
];

/** Other libraries, as far as they are installed; the others are named with the reason. */
export async function loadPeers(): Promise<{
  readonly contestants: readonly Contestant[];
  readonly absent: readonly AbsentPeer[];
}> {
  const contestants: Contestant[] = [];
  const absent: AbsentPeer[] = [];
  const seed = seedModel(null);
  for (const { name, load } of peers) {
    try {
      const library: unknown = await import(name);
      contestants.push(await load(seed, library));
    } catch (error) {
      absent.push({ name, reason: reasonOf(error) });
    }
  }
  return { contestants, absent };
}

/** Why a library does not run here, in one line. */
export function reasonOf(error: unknown): string {
  const isNotInstalled = errorCode(error) === 'ERR_MODULE_NOT_FOUND';
  return isNotInstalled ? 'not installed' : (messageOf(error).split('\n', 1)[0] ?? '');
}
