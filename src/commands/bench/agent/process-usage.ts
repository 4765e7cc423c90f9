import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** CPU time and memory of a process, from /proc. */
export interface ProcessUsage {
  readonly cpuMs: number;
  readonly rssMiB: number;
  /** When it was read, on the clock of `performance.now`. */
  readonly atMs: number;
}

/** Fields 14 and 15 of /proc/<pid>/stat, counted from the one after the program's name, field 3. */
const userTicksField = 11;
const systemTicksField = 12;

/** @throws Error when there is no such process */
export function processUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[userTicksField]) + Number(fields[systemTicksField]);
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return {
    cpuMs: (1000 * ticks) / ticksPerSecond,
    rssMiB: Number(rss?.[1]) / 1024,
    atMs: performance.now(),
  };
}

/** Share of one core between two readings, in percent. */
export function cpuPercent(from: ProcessUsage, to: ProcessUsage): number {
  return (100 * (to.cpuMs - from.cpuMs)) / (to.atMs - from.atMs);
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'latin1' }));
