import { readFileSync } from 'node:fs';

/**
 * The descriptors without which no command starts: Node opens the files that a module imports all at once, up to
 * 160 of them, and a module more here or there must not make a limit too low that was enough. Below it a start
 * might fail anywhere.
 */
export const descriptorsToStart = 256;

/** How many descriptors this process may have open (RLIMIT_NOFILE); Infinity where there is no limit. */
export function descriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Infinity : Number(soft);
}

/**
 * Returns whether this process may open the descriptors without which no command starts. This file is read before any
 * other, so it imports nothing.
 *
 * @returns what is missing and the way out; undefined where there are enough, and where nobody can know
 */
export function startShortage(): string | undefined {
  const needed = `${descriptorsToStart} descriptors are needed to start`;
  const wayOut = `raise LimitNOFILE= of the unit, or "ulimit -n ${descriptorsToStart}"`;
  try {
    const limit = descriptorLimit();
    return limit < descriptorsToStart
      ? `${needed}, and the process may have ${limit}: ${wayOut}`
      : undefined;
  } catch (error) {
    // Without /proc the limit is not known. Where not even this file can be opened, it is.
    return error instanceof Error && 'code' in error && error.code === 'EMFILE'
      ? `${needed}, and not one more is free: ${wayOut}`
      : undefined;
  }
}
