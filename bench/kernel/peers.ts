import { errorCode, messageOf } from '#src/base/errors.js';
import type { Contestant } from '#src/commands/bench/kernel/contestant.js';
import { seedModel, type SeedModel } from '#src/commands/bench/kernel/seed-model.js';
import { onnxContestant } from './onnx-peer.js';
import type { AbsentPeer } from './peer.js';
import { tfjsContestant } from './tfjs-peer.js';

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

/** The other libraries that run here, and those that do not, with the reason. */
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
