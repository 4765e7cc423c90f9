const dayMs = 86_400_000;
/** In less time the first write, which makes files, would pass for a habit. */
const windowMs = 600_000;

/**
 * Returns what a count of bytes comes to in a day, when it goes on at its pace.
 *
 * @param elapsedMs the time in which they were written
 * @returns whole bytes; null until there is a time long enough to tell a pace
 */
export function dailyBytes(bytes: number, elapsedMs: number): number | null {
  return elapsedMs < windowMs ? null : Math.round((bytes * dayMs) / elapsedMs);
}
