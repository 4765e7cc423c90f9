import { setTimeout as sleep } from 'node:timers/promises';

/** Many times what any wait takes on a busy machine, and less than the runner gives to a file. */
export const longestWaitMs = 300_000;

/**
 * Waits for what might never come, where a test without an end would not say at which of its waits it is.
 *
 * @param what is waited for, in words
 * @param seen what there is in its place, asked when the wait is given up
 * @throws Error with both, after `longestWaitMs`
 */
export async function awaited<T>(
  what: string,
  promise: Promise<T>,
  seen: () => string = () => '',
): Promise<T> {
  const settled = new AbortController();
  const never = sleep(longestWaitMs, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`waited ${longestWaitMs / 1000} s in vain for ${what}\n${seen()}`);
  });
  try {
    return await Promise.race([promise, never]);
  } finally {
    settled.abort();
  }
}
