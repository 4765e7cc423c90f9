import { readdirSync, readFileSync } from 'node:fs';
import { processUsage } from '#src/commands/bench/agent/process-usage.js';

/** The resources of a process that must not grow. */
export interface ProcessResources {
  readonly descriptors: number;
  readonly threads: number;
  readonly rssMiB: number;
  readonly cpuMs: number;
}

/** @throws Error when there is no such process */
export function processResources(pid: number): ProcessResources {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const { rssMiB, cpuMs } = processUsage(pid);
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]),
    rssMiB,
    cpuMs,
  };
}
