import type { Contestant } from './contestant.js';

/** Nanoseconds a sample. */
export interface Timing {
  readonly medianNs: number;
  /** Over the slices of time that were measured, each of many calls. */
  readonly p99Ns: number;
  /** Median of single calls after other data has swept the caches. */
  readonly coldNs: number;
  readonly rounds: number;
}

/** Long beside the clock's own cost, and short beside what else the machine does. */
const sliceMs = 0.5;
const warmUpMs = 5;
const minWarmUpCalls = 4;
/** Beyond the level-2 cache of anything that this runs on. */
const sweepBytes = 8 * 1024 * 1024;
/** Of the time, how much goes into the cold calls. */
const coldShare = 0.15;
const cacheLineFloats = 16;

/**
 * Measures all contestants in turn, round by round, until the time is over: a clock that drifts and
 * a neighbour that wakes up hit all alike. Each is measured in one round at least.
 *
 * @returns in the order of the contestants
 */
export async function measureInRounds(
  contestants: readonly Contestant[],
  seconds: number,
): Promise<Timing[]> {
  const calls: number[] = [];
  for (const contestant of contestants) {
    calls.push(await callsPerSlice(contestant));
  }
  const endMs = performance.now() + 1000 * seconds;
  const cold = await inTurn(contestants, endMs - 1000 * seconds * (1 - coldShare), async (n) => {
    sweepCaches();
    return timeMs(n, 1);
  });
  const warm = await inTurn(contestants, endMs, async (n, index) => {
    const slice = calls[index] ?? 1;
    // Until what the one before left in caches and predictors is gone.
    await timeMs(n, Math.ceil(slice / 2));
    return timeMs(n, slice);
  });
  return contestants.map(({ samples }, index) => {
    const scale = 1e6 / samples;
    const slices = sorted(warm[index] ?? []);
    return {
      medianNs: (quantile(slices, 0.5) * scale) / (calls[index] ?? 1),
      p99Ns: (quantile(slices, 0.99) * scale) / (calls[index] ?? 1),
      coldNs: quantile(sorted(cold[index] ?? []), 0.5) * scale,
      rounds: slices.length,
    };
  });
}

/** Of an ascending list. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(q * ascending.length))] ?? Number.NaN;
}

async function inTurn(
  contestants: readonly Contestant[],
  endMs: number,
  measure: (contestant: Contestant, index: number) => Promise<number>,
): Promise<number[][]> {
  const figures = contestants.map((): number[] => []);
  do {
    for (const [index, contestant] of contestants.entries()) {
      figures[index]?.push(await measure(contestant, index));
    }
  } while (performance.now() < endMs);
  return figures;
}

/**
 * Calls that fill a slice, by the fastest of runs that double: one that something else held up says
 * nothing. They warm up the compiler as well.
 */
async function callsPerSlice(contestant: Contestant): Promise<number> {
  const endMs = performance.now() + warmUpMs;
  let callMs = Infinity;
  for (let calls = 1; calls <= minWarmUpCalls || performance.now() < endMs; calls *= 2) {
    callMs = Math.min(callMs, (await timeMs(contestant, calls)) / calls);
  }
  return Math.max(1, Math.round(sliceMs / callMs));
}

async function timeMs(contestant: Contestant, calls: number): Promise<number> {
  const startMs = performance.now();
  const done = contestant.run(calls);
  if (done !== undefined) {
    await done;
  }
  return performance.now() - startMs;
}

const swept = new Float32Array(sweepBytes / Float32Array.BYTES_PER_ELEMENT);

function sweepCaches(): void {
  for (let n = 0; n < swept.length; n += cacheLineFloats) {
    swept[n] = (swept[n] ?? 0) + 1;
  }
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}
