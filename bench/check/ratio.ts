/** A ratio as it came out in the rounds of one sitting. */
export interface Ratio {
  readonly median: number;
  /** Half of the distance between the quartiles: so far apart two sittings may be without a change. */
  readonly noise: number;
}

/** By what is measured; a smaller ratio is better. */
export type Ratios = Readonly<Record<string, Ratio>>;

/** A ratio that is worse by less is not worth a look, however quiet the machine is. */
const tolerated = 0.03;

/** @param values of the rounds, at least one */
export function ratioOf(values: readonly number[]): Ratio {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { median: at(0.5), noise: (at(0.75) - at(0.25)) / 2 };
}

/** True when a ratio is worse than the one that is kept, beyond the noise of both sittings. */
export function isWorse(measured: Ratio, kept: Ratio): boolean {
  return (
    measured.median > kept.median * (1 + tolerated) &&
    measured.median - measured.noise > kept.median + kept.noise
  );
}
