export interface BackoffOptions {
  /** Bound of the wait after the first failure. */
  readonly minMs: number;
  /** Bound of any wait. */
  readonly maxMs: number;
}

/**
 * How long to wait before the next attempt, milliseconds: a random part of a limit that doubles from
 * `minMs` to `maxMs`. The full jitter keeps a thousand devices from coming back in step when their
 * broker restarts.
 *
 * @param failures how many attempts failed in a row, from 1
 * @param random gives numbers in [0, 1)
 */
export function backoffMs(
  failures: number,
  { minMs, maxMs }: BackoffOptions,
  random: () => number = Math.random,
): number {
  return random() * Math.min(maxMs, minMs * 2 ** (failures - 1));
}
