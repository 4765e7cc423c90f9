import type { Normalization } from '../../model/task/normalization.js';

/** Gravity in each unit that models of acceleration are trained on. */
const gravity: readonly (readonly [unit: string, size: number])[] = [
  ['g', 1],
  ['m/s2', 9.80665],
  ['mg', 1000],
];
/** The usual length of a moving wearer's acceleration is gravity's, by so much more or less as a factor. */
const mostFactor = 2;

/**
 * The unit of acceleration in which a model's Normalization layer was adapted: its means and deviations together are
 * the usual length of three axes. Undefined where they are no acceleration of any unit.
 */
export function unitOfNormalization(normalization: Normalization | undefined): string | undefined {
  if (normalization?.mean.length !== 3) {
    return undefined;
  }
  const { mean, deviation } = normalization;
  const size = Math.hypot(...mean, ...deviation);
  return gravity.find(([, g]) => size < mostFactor * g && size > g / mostFactor)?.[0];
}
