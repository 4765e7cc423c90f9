import type { StreamPlan } from '../model/plan/stream-plan.js';
import { multiplyAdds } from './cost.js';
import type { WeightFormat } from './program/weight-format.js';

const bytesOf = { f32: 4, bf16: 2, int8: 1 } as const satisfies Record<WeightFormat, number>;

/** Bytes that the matrices of a step take in a format; each weight is read once a step. */
function matrixBytes(plan: StreamPlan, format: WeightFormat): number {
  return multiplyAdds(plan) * bytesOf[format];
}

/**
 * The formats that are faster than float32 for a model in a step, the fastest first. Small weights pay where float32
 * does not fit the level-2 cache, and the smallest of them where bfloat16 does not fit it either; below that expanding
 * them costs more than it saves (docs/performance.md, Smaller weights). Sizes decide and no stopwatch, so that a machine
 * chooses the same at each start: a saved state is of one format.
 *
 * @param cacheBytes of the level-2 cache; null where nobody knows, which leaves float32
 */
export function fasterFormats(
  plan: StreamPlan,
  cacheBytes: number | null,
): readonly Exclude<WeightFormat, 'f32'>[] {
  if (cacheBytes === null || matrixBytes(plan, 'f32') <= cacheBytes) {
    return [];
  }
  return matrixBytes(plan, 'bf16') <= cacheBytes ? ['bf16', 'int8'] : ['int8', 'bf16'];
}

/**
 * Says what a format does to the speed of a model on this machine; undefined where it makes it faster, or nobody knows.
 */
export function slownessText(
  plan: StreamPlan,
  format: WeightFormat,
  cacheBytes: number | null,
): string | undefined {
  if (format === 'f32' || cacheBytes === null || fasterFormats(plan, cacheBytes).length > 0) {
    return undefined;
  }
  const effect =
    format === 'int8' ? 'int8 makes it slower, not faster' : 'bf16 gains little or nothing';
  return `${effect}: its float32 matrices (${mib(matrixBytes(plan, 'f32'))}) fit the level-2 cache (${mib(cacheBytes)})`;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toPrecision(2)} MiB`;
}
