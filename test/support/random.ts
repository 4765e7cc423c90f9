import { Random } from '#src/simulator/motion/random.js';

/** A repeatable stream of numbers in [0, 1), so that a failing case can be run again. */
export function seededRandom(seed: number): () => number {
  const random = new Random(seed);
  return () => random.uniform();
}
