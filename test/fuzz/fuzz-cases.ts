import { Draw } from '../support/draw.js';

/** One thing that is fuzzed; it throws when a case shows a fault. */
export interface FuzzTarget {
  readonly name: string;
  /** One case: the same draws are the same case. Returns what it ended in, for the tally. */
  run(draw: Draw): string | Promise<string>;
}

export interface FuzzReport {
  readonly outcomes: ReadonlyMap<string, number>;
  /** Each with the case that shows it again. */
  readonly failures: readonly string[];
}

/** Runs `count` cases from `first` on; a case that takes longer than `limitMs` is a failure too. */
export async function fuzzCases(
  target: FuzzTarget,
  options: {
    readonly seed: number;
    readonly first: number;
    readonly count: number;
    readonly limitMs: number;
  },
): Promise<FuzzReport> {
  const outcomes = new Map<string, number>();
  const failures: string[] = [];
  const { seed, first, count, limitMs } = options;
  for (let number = first; number < first + count; number += 1) {
    const label = `${target.name}, seed ${seed}, case ${number}`;
    const startedMs = performance.now();
    try {
      const outcome = await target.run(new Draw(seed * 1_000_003 + number));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (error) {
      failures.push(`${label}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    const tookMs = performance.now() - startedMs;
    if (tookMs > limitMs) {
      failures.push(`${label}: took ${Math.round(tookMs)} ms`);
    }
  }
  return { outcomes, failures };
}
