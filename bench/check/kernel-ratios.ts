import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { programOf } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { loadAddon } from '#src/platform/addon.js';
import { engineContestant, slidingWindow } from '#src/commands/bench/kernel/contestant.js';
import { layerPlan, seedModel } from '#src/commands/bench/kernel/seed-model.js';
import { measureInRounds } from '#src/commands/bench/measure/rounds.js';
import { ratioOf, type Ratios } from './ratio.js';

/** From so many units up, the format of the weights makes a difference. */
const largeUnits = 256;

/** Each ratio as two of the steps that are measured, and the factor of the second. */
const pairs = {
  'one sample a call, to the reference engine': ['single', 'reference', 1],
  'a sample of a block, to one sample a call': ['block', 'single', 1],
  'sliding over 100, to 100 samples': ['sliding', 'single', slidingWindow],
  'bf16 at 256 units, to f32': ['bf16', 'f32', 1],
  'int8 at 256 units, to f32': ['int8', 'f32', 1],
} as const;

/**
 * Measures the steps of the kernel on one target, all in turn.
 *
 * @param seconds of each round
 */
export async function kernelRatios(
  target: string,
  rounds: number,
  seconds: number,
): Promise<Ratios> {
  const continuous = { mode: 'continuous' } as const;
  const seed = programOf(seedModel(null).plan, continuous);
  const sliding = programOf(seedModel(slidingWindow).plan, { mode: 'sliding' });
  const layer = layerPlan(largeUnits);
  const [f32, bf16, int8] = (['f32', 'bf16', 'int8'] as const).map((weights) =>
    programOf(layer, { ...continuous, weights }),
  );
  if (f32 === undefined || bf16 === undefined || int8 === undefined) {
    throw new RangeError('there are three formats');
  }
  const native = (program: typeof seed): ReturnType<typeof createNativeEngine> =>
    createNativeEngine(program, { target });
  const steps = {
    single: engineContestant(seed, native(seed), 'single'),
    block: engineContestant(seed, native(seed), 'block'),
    sliding: engineContestant(sliding, native(sliding), 'sliding'),
    reference: engineContestant(seed, createReferenceEngine(seed), 'single'),
    f32: engineContestant(f32, native(f32), 'single'),
    bf16: engineContestant(bf16, native(bf16), 'single'),
    int8: engineContestant(int8, native(int8), 'single'),
  };
  const names = Object.keys(steps);
  const sittings: Record<string, number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const timings = await measureInRounds(Object.values(steps), seconds);
    const ofNames = timings.map(({ medianNs }, i) => [names[i] ?? '', medianNs] as const);
    sittings.push(Object.fromEntries(ofNames));
  }
  const ratios = Object.entries(pairs).map(([name, [own, base, factor]]) => {
    const values = sittings.map((ns) => (ns[own] ?? 0) / (factor * (ns[base] ?? 0)));
    return [name, ratioOf(values)] as const;
  });
  return Object.fromEntries(ratios);
}

/** The targets of this machine that are compared: the fastest, and AVX2 where it is another. */
export function comparedTargets(): string[] {
  const targets = loadAddon().simdTargets();
  return targets.filter((target, i) => i === 0 || target === 'avx2');
}
