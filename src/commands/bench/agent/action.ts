import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseBrokerUrl } from '../../../mqtt-client/broker-address.js';
import { stopSignal, unlessAborted } from '../../terminal/stop-signal.js';
import { table } from '../../terminal/table.js';
import { machineText, thisMachine, type Machine } from '../measure/machine.js';
import { quantile } from '../measure/rounds.js';
import { AgentRig, type Measured, type MqttVersion } from './agent-rig.js';
import { cpuPercent } from './process-usage.js';

export interface BenchAgentOptions {
  readonly seconds: number;
  readonly rateHz: number;
  /** `mqtt://host[:port]` */
  readonly broker: string;
  readonly protocol: MqttVersion;
  readonly json?: boolean;
  /** Ends the measurement, and the agent with it. */
  readonly signal?: AbortSignal;
}

/** Samples that are under way at once in the closed loop. */
const outstanding = 32;
/** After so many samples Node's compiler is done with the agent: the closed loop warms it up too. */
const warmUpSamples = 20_000;

/** The cost of one phase of the measurement. */
export interface Phase {
  readonly samples: number;
  readonly samplesPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** The agent's share of one core. */
  readonly cpuPercent: number;
  /** The agent's resident memory at the end of the phase. */
  readonly rssMiB: number;
}

/** The figures of one run, as `--json` prints them. */
export interface AgentReport {
  readonly machine: Machine;
  readonly broker: string;
  readonly rateHz: number;
  readonly firstPredictionMs: number;
  readonly closedLoop: Phase & { readonly outstanding: number };
  readonly steady: Phase;
}

/**
 * Prints how long a sample takes from the line on the tty to the subscriber, and what the agent
 * takes for it. SIGTERM, SIGINT and SIGHUP end the agent too, and the exit code is that of the signal.
 *
 * @throws LstmdError when the broker or the agent does not come up, or a sample is lost
 */
export async function benchAgent(options: BenchAgentOptions): Promise<void> {
  const signal = stopSignal();
  const report = await unlessAborted(signal, measureAgent({ ...options, signal }));
  if (report === null) {
    const name = signal.reason as 'SIGTERM' | 'SIGINT' | 'SIGHUP';
    process.stderr.write(`lstmd: ended by ${name} before all was measured\n`);
    process.exitCode = 128 + constants.signals[name];
    return;
  }
  process.stdout.write(
    options.json === true ? `${JSON.stringify(report, null, 2)}\n` : agentText(report),
  );
}

/**
 * Measures without printing.
 *
 * @param measured the program; default: `lstmd run`
 * @param started told of its process before anything is measured
 */
export async function measureAgent(
  options: BenchAgentOptions,
  measured?: Measured,
  started?: (pid: number) => void,
): Promise<AgentReport> {
  const rig = new AgentRig();
  try {
    await rig.start(options.broker, options.protocol, { measured, signal: options.signal });
    started?.(rig.pid ?? 0);
    // The first samples pay for Node's compiler and are not measured.
    await closedLoop(rig, options.seconds, warmUpSamples);
    const flood = await measure(rig, () => closedLoop(rig, options.seconds, warmUpSamples));
    const steady = await measure(rig, () => paced(rig, options));
    return {
      machine: thisMachine(),
      broker: parseBrokerUrl(options.broker).text,
      rateHz: options.rateHz,
      firstPredictionMs: rig.firstPredictionMs,
      closedLoop: { outstanding, ...flood },
      steady,
    };
  } finally {
    await rig.stop();
  }
}

async function measure(rig: AgentRig, send: () => Promise<void>): Promise<Phase> {
  const first = rig.latenciesMs.length;
  const before = rig.usage();
  await send();
  await rig.below(1);
  const after = rig.usage();
  const latenciesMs = Float64Array.from(rig.latenciesMs.slice(first)).sort();
  return {
    samples: latenciesMs.length,
    samplesPerSecond: (1000 * latenciesMs.length) / (after.atMs - before.atMs),
    p50Us: 1000 * quantile(latenciesMs, 0.5),
    p99Us: 1000 * quantile(latenciesMs, 0.99),
    cpuPercent: cpuPercent(before, after),
    rssMiB: after.rssMiB,
  };
}

/** Sends as fast as predictions come back, for so many samples or so long. */
async function closedLoop(rig: AgentRig, seconds: number, samples: number): Promise<void> {
  const endMs = performance.now() + 1000 * seconds;
  for (let sent = 0; sent < samples && performance.now() < endMs; sent += 1) {
    await rig.below(outstanding);
    rig.send();
  }
  await rig.below(1);
}

/** Sends each sample at its own time after the start, so that a timer that fires late shifts no other. */
async function paced(rig: AgentRig, { seconds, rateHz, signal }: BenchAgentOptions): Promise<void> {
  const startMs = performance.now();
  const samples = Math.max(1, Math.round(seconds * rateHz));
  for (let sent = 0; sent < samples; sent += 1) {
    const dueMs = startMs + (1000 * sent) / rateHz;
    while (performance.now() < dueMs) {
      await sleep(Math.max(1, dueMs - performance.now()), undefined, { signal });
    }
    rig.send();
  }
}

/** The report for people. */
export function agentText(report: AgentReport): string {
  const { machine, broker, rateHz, closedLoop: flood, steady } = report;
  const lines = [
    `${machineText(machine)}, broker ${broker}`,
    '',
    ...table([
      ['', 'samples', 'a second', 'p50 us', 'p99 us', 'CPU %', 'RSS MiB'],
      phaseRow(`${flood.outstanding} under way`, flood),
      phaseRow(`${rateHz} Hz`, steady),
    ]),
    '',
    "latency: from just before the line is written to the subscriber's read. CPU, RSS: of the agent.",
  ];
  return `${lines.join('\n')}\n`;
}

function phaseRow(name: string, phase: Phase): string[] {
  return [
    name,
    String(phase.samples),
    phase.samplesPerSecond.toFixed(0),
    phase.p50Us.toFixed(0),
    phase.p99Us.toFixed(0),
    phase.cpuPercent.toFixed(1),
    phase.rssMiB.toFixed(0),
  ];
}
