import { arch, cpus } from 'node:os';

/** The machine that a figure was measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly arch: string;
  readonly node: string;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    arch: arch(),
    node: process.version,
  };
}

/** A machine as the first line of a report. */
export function machineText({ cpu, cores, arch: architecture, node }: Machine): string {
  return `${cpu}, ${cores} cores, ${architecture}, Node ${node}`;
}
