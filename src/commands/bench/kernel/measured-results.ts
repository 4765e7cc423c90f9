import type { WeightFormat } from '../../../engine/program/weight-format.js';
import { table } from '../../terminal/table.js';
import { measureInRounds, type Timing } from '../measure/rounds.js';
import type { Contestant, Way } from './contestant.js';

/** One line of the table. */
export interface KernelResult extends Timing {
  readonly model: string;
  readonly engine: string;
  readonly way: Way;
  readonly weights: WeightFormat;
  /** Its median over that of the first contestant with the same model. */
  readonly ratio: number;
}

/**
 * Measures the contestants in rounds.
 *
 * @returns in their order; the first of each model is what the model's ratios refer to
 */
export async function measureKernels(
  contestants: readonly Contestant[],
  seconds: number,
): Promise<KernelResult[]> {
  const timings = await measureInRounds(contestants, seconds);
  const firstNs = new Map<string, number>();
  return contestants.map(({ model, engine, way, weights }, index) => {
    const timing = timings[index];
    if (timing === undefined) {
      throw new RangeError(`${model} was not measured`);
    }
    const baseNs = firstNs.get(model) ?? timing.medianNs;
    firstNs.set(model, baseNs);
    return { model, engine, way, weights, ...timing, ratio: timing.medianNs / baseNs };
  });
}

/** The results as a table with a head. */
export function kernelTable(results: readonly KernelResult[]): string[] {
  const head = ['model', 'engine', 'way', 'weights', 'ns/sample', 'p99', 'cold', 'ratio'];
  const rows = results.map(({ model, engine, way, weights, medianNs, p99Ns, coldNs, ratio }) => [
    model,
    engine,
    way,
    weights,
    medianNs.toFixed(0),
    p99Ns.toFixed(0),
    coldNs.toFixed(0),
    ratio.toFixed(2),
  ]);
  return table([head, ...rows], { rightFrom: 4 });
}
