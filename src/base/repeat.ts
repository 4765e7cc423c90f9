import { messageOf } from './errors.js';
import { FailureCount } from './failure-count.js';
import type { Log } from './log.js';

/**
 * Does something at an interval. Its failure is a log line, at first and then once a minute, for an error
 * that leaves a timer ends the process.
 *
 * @param what names it in the log
 * @returns the timer, for `clearInterval`
 */
export function repeat(
  intervalMs: number,
  what: string,
  log: Log,
  act: () => void | Promise<void>,
): NodeJS.Timeout {
  const failures = new FailureCount(() => performance.now());
  const attempt = async (): Promise<void> => {
    try {
      await act();
      failures.succeeded();
    } catch (error) {
      if (failures.failed()) {
        log.error({ reason: messageOf(error), failures: failures.total }, `${what} failed`);
      }
    }
  };
  return setInterval(() => void attempt(), intervalMs);
}
