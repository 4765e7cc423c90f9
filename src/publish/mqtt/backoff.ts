export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before attempt n: anything up to a limit that doubles from `minMs` to
 * `maxMs`. The full jitter keeps a thousand devices from coming back in step when their
 * broker restarts.
 *
 * @param failures attempts that failed in a row, from 1
 * @param random in [0, 1)
 */
export function backoffMs(
  failures: number,
  { minMs, maxMs }: BackoffOptions,
  random: () => number = Math.random,
): number {
  return random() * Math.min(maxMs, minMs * 2 ** (failures - 1));
}
