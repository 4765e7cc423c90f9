import type { StreamPlan } from '../model/plan/stream-plan.js';
import { multiplyAdds } from './cost.js';
import type { WeightFormat } from './program/weight-format.js';
import type { WeightMachine } from './weight-machine.js';

const bytesOf = { f32: 4, bf16: 2, int8: 1 } as const satisfies Record<WeightFormat, number>;

/** The targets without instructions that expand small weights, which cost them more than weights of the last cache. */
const slowTargets: ReadonlySet<string | null> = new Set(['sse2', 'scalar']);

/** Bytes that the matrices of a step take in a format; each weight is read once a step. */
function matrixBytes(plan: StreamPlan, format: WeightFormat): number {
  return multiplyAdds(plan) * bytesOf[format];
}

/**
 * The formats that are faster than float32 for a model in a step, the fastest first. Small weights pay where float32
 * does not fit the level-2 cache; on the targets without instructions that expand them, only where it does not fit the
 * last cache. bfloat16 costs less to expand than int8, so int8 comes first only where bfloat16 does not fit the last
 * cache (docs/performance.md, Smaller weights). Sizes decide and no stopwatch, so that a machine chooses the same at
 * each start: a saved state is of one format.
 *
 * @returns none where nobody knows the caches
 */
export function fasterFormats(
  plan: StreamPlan,
  { caches, target }: WeightMachine,
): readonly Exclude<WeightFormat, 'f32'>[] {
  if (caches === null) {
    return [];
  }
  const isSlow = slowTargets.has(target);
  if (matrixBytes(plan, 'f32') <= (isSlow ? caches.last : caches.level2)) {
    return [];
  }
  return isSlow || matrixBytes(plan, 'bf16') <= caches.last ? ['bf16', 'int8'] : ['int8', 'bf16'];
}

/**
 * Says what a format does to the speed of a model on a machine; undefined where it makes it faster, or nobody knows.
 */
export function slownessText(
  plan: StreamPlan,
  format: WeightFormat,
  machine: WeightMachine,
): string | undefined {
  const { caches, target } = machine;
  if (format === 'f32' || caches === null || fasterFormats(plan, machine).length > 0) {
    return undefined;
  }
  const isSlow = slowTargets.has(target);
  const effect =
    format === 'int8' || isSlow
      ? `${format} makes it slower, not faster`
      : 'bf16 gains little or nothing';
  const where = isSlow
    ? `the last cache (${mib(caches.last)}), and ${target} expands small weights slowly`
    : `the level-2 cache (${mib(caches.level2)})`;
  return `${effect}: its float32 matrices (${mib(matrixBytes(plan, 'f32'))}) fit ${where}`;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toPrecision(2)} MiB`;
}
