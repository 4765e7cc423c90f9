import { readdirSync, readlinkSync } from 'node:fs';

/** Descriptors of terminals that this process holds. */
export function openTtys(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return /\/dev\/(pts\/|ptmx)/.test(target) ? [target] : [];
    } catch {
      return [];
    }
  });
}
