import { engineContestant, type Contestant } from '#src/commands/bench/kernel/contestant.js';
import {
  kernelTable,
  measureKernels,
  type KernelResult,
} from '#src/commands/bench/kernel/measured-results.js';
import { seedModel } from '#src/commands/bench/kernel/seed-model.js';
import { machineText, thisMachine, type Machine } from '#src/commands/bench/measure/machine.js';
import { table } from '#src/commands/terminal/table.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { programOf } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { measureInOwnProcesses, processNames } from './own-process.js';
import type { AbsentPeer, ProcessResult } from './peer.js';
import { loadPeers } from './peers.js';

export interface CompareKernelsOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

/** The share of the time for each that is measured in a process of its own. */
const processShare = 0.1;

interface Report {
  readonly machine: Machine;
  /** All in one process, in turn. */
  readonly results: readonly KernelResult[];
  /** Libraries that do not run here, and why. */
  readonly absent: readonly AbsentPeer[];
  /** Each in a process of its own. */
  readonly processes: readonly (ProcessResult | AbsentPeer)[];
}

/** Prints what a step of the seed model costs in each engine and in other libraries. */
export async function compareKernels(options: CompareKernelsOptions): Promise<void> {
  const processSeconds = options.seconds * processShare;
  const processes = await measureInOwnProcesses(processSeconds);
  const peers = await loadPeers();
  const report: Report = {
    machine: thisMachine(),
    results: await measureKernels(
      [...engineContestants(), ...peers.contestants],
      options.seconds - processSeconds * (processNames.length + 1),
    ),
    absent: peers.absent,
    processes,
  };
  process.stdout.write(
    options.json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report),
  );
}

function engineContestants(): Contestant[] {
  const program = programOf(seedModel(null).plan, { mode: 'continuous' });
  return [createNativeEngine(program), createReferenceEngine(program)].map((engine) =>
    engineContestant(program, engine, 'single'),
  );
}

function reportText({ machine, results, absent, processes }: Report): string {
  const lines = [
    machineText(machine),
    '',
    ...kernelTable(results),
    '',
    'Single samples, in turn in one process. ratio: to the native engine. cold: caches swept before the call.',
    ...absentLines(absent),
    '',
    ...processTable(processes),
    '',
    'Single samples, each in a process of its own; ratio: to the first; RSS before loading it and after measuring.',
    'difference: the largest from the reference engine, over 1000 samples.',
    ...absentLines(processes.filter((result) => 'reason' in result)),
  ];
  return `${lines.join('\n')}\n`;
}

function absentLines(absent: readonly AbsentPeer[]): string[] {
  return absent.map(({ name, reason }) => `${name}: not measured: ${reason}`);
}

function processTable(results: Report['processes']): string[] {
  const head = ['seed model', 'on', 'ns/sample', 'ratio', 'p99', 'RSS MiB', 'difference'];
  const base = results.find((result) => 'medianNs' in result)?.medianNs ?? Number.NaN;
  const rows = results.map((result) =>
    'reason' in result
      ? [result.name, 'not measured', '', '', '', '', '']
      : [
          result.name,
          result.target,
          result.medianNs.toFixed(0),
          (result.medianNs / base).toFixed(1),
          result.p99Ns.toFixed(0),
          `${result.rssBeforeMiB.toFixed(0)} -> ${result.rssMiB.toFixed(0)}`,
          result.largestDifference.toExponential(1),
        ],
  );
  return table([head, ...rows], { rightFrom: 2 });
}
