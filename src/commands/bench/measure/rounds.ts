/** Something to measure: a call that can be made again and again. */
export interface RepeatedCall {
  /** Samples that one call steps. */
  readonly samples: number;
  /** Makes the call so many times. */
  run(calls: number): void | Promise<void>;
}

/** The time that a sample takes. */
export interface Timing {
  /** Over the slices of time that were measured, each of many calls. */
  readonly medianNs: number;
  readonly p99Ns: number;
  /** The median of single calls, each after other data has swept the caches. */
  readonly coldNs: number;
  readonly rounds: number;
}

/** Long beside the cost of reading the clock, and short beside the slices of other processes. */
const sliceMs = 0.5;
const warmUpMs = 5;
const minWarmUpCalls = 4;
/** More than the level-2 cache of any machine that this is meant for. */
const sweepBytes = 8 * 1024 * 1024;
/** The share of the time that goes into the cold calls. */
const coldShare = 0.15;
const cacheLineFloats = 16;

/**
 * Measures all subjects in turn, round by round, until the time is over, so that a clock that drifts
 * and another process that wakes up hit all alike. Each is measured in one round at least.
 *
 * @returns the timings in the order of the subjects
 */
export async function measureInRounds(
  subjects: readonly RepeatedCall[],
  seconds: number,
): Promise<Timing[]> {
  const calls: number[] = [];
  for (const subject of subjects) {
    calls.push(await callsPerSlice(subject));
  }
  const endMs = performance.now() + 1000 * seconds;
  const cold = await inTurn(subjects, endMs - 1000 * seconds * (1 - coldShare), async (n) => {
    sweepCaches();
    return timeMs(n, 1);
  });
  const warm = await inTurn(subjects, endMs, async (n, index) => {
    const slice = calls[index] ?? 1;
    // These calls replace what the subject before left in caches and branch predictors.
    await timeMs(n, Math.ceil(slice / 2));
    return timeMs(n, slice);
  });
  return subjects.map(({ samples }, index) => {
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

/** The q-quantile of numbers in ascending order; NaN of none. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(q * ascending.length))] ?? Number.NaN;
}

async function inTurn(
  subjects: readonly RepeatedCall[],
  endMs: number,
  measure: (subject: RepeatedCall, index: number) => Promise<number>,
): Promise<number[][]> {
  const figures = subjects.map((): number[] => []);
  do {
    for (const [index, subject] of subjects.entries()) {
      figures[index]?.push(await measure(subject, index));
    }
  } while (performance.now() < endMs);
  return figures;
}

/**
 * How many calls fill a slice. It goes by the fastest of runs whose length doubles, because a run that
 * another process interrupted says nothing; the runs also warm up Node's compiler.
 */
async function callsPerSlice(subject: RepeatedCall): Promise<number> {
  const endMs = performance.now() + warmUpMs;
  let callMs = Infinity;
  for (let calls = 1; calls <= minWarmUpCalls || performance.now() < endMs; calls *= 2) {
    callMs = Math.min(callMs, (await timeMs(subject, calls)) / calls);
  }
  return Math.max(1, Math.round(sliceMs / callMs));
}

async function timeMs(subject: RepeatedCall, calls: number): Promise<number> {
  const startMs = performance.now();
  const done = subject.run(calls);
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
