import { readFileSync } from 'node:fs';

/** How many descriptors this process may have open (RLIMIT_NOFILE); Infinity where there is no limit. */
export function descriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Infinity : Number(soft);
}
