import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '#src/base/package-root.js';
import { measureAgent, type AgentReport } from '#src/commands/bench/agent/action.js';
import { lstmdRun } from '#src/commands/bench/agent/agent-rig.js';
import { findMosquitto, Mosquitto } from '#src/commands/demo/mosquitto.js';
import { table } from '#src/commands/terminal/table.js';
import { peersOf, type Peer } from './peers/peers.js';
import { pin } from './pin.js';

export interface ComparePeersOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly rateHz: number;
  readonly json?: boolean;
}

/** The program as a package has it, which `npm run bench` makes sure is there. */
const shipped = packageFile('bundle/cli.cjs');

/** The figures that are compared, from a report of one run. */
const figures: Readonly<Record<string, (report: AgentReport) => number>> = {
  'first, ms': ({ firstPredictionMs }) => firstPredictionMs,
  'loop, msg/s': ({ closedLoop }) => closedLoop.samplesPerSecond,
  'loop, CPU us a msg': ({ closedLoop }) =>
    (closedLoop.cpuPercent * 10_000) / closedLoop.samplesPerSecond,
  'p50 us': ({ steady }) => steady.p50Us,
  'p99 us': ({ steady }) => steady.p99Us,
  'CPU %': ({ steady }) => steady.cpuPercent,
  'RSS MiB': ({ steady }) => steady.rssMiB,
};

/** The figures of one program, of each the values of all rounds. */
export interface PeerResult {
  readonly name: string;
  readonly figures: Readonly<Record<string, readonly number[]>>;
}

/**
 * Prints what lstmd and its peers take to bring a line from a tty to a subscriber. The ratio to the first peer, of the
 * medians, is what may be compared with another day's.
 */
export async function comparePeers(options: ComparePeersOptions): Promise<void> {
  const results = await measurePeers(options, () => true);
  if (results !== undefined) {
    process.stdout.write(
      options.json === true ? `${JSON.stringify(results, null, 2)}\n` : peersText(results, options),
    );
  }
}

/**
 * Measures lstmd and its peers: one broker, interleaved rounds, each program pinned to the same core.
 *
 * @param isWanted whether a peer takes part
 * @returns in the order of the peers, lstmd as the last; undefined where there is no Mosquitto
 */
export async function measurePeers(
  options: ComparePeersOptions,
  isWanted: (peer: Peer) => boolean,
): Promise<PeerResult[] | undefined> {
  const program = findMosquitto();
  if (program === null) {
    process.stderr.write('not measured: there is no Mosquitto\n');
    return undefined;
  }
  const directory = mkdtempSync(join(tmpdir(), 'lstmd-peers-'));
  const broker = await Mosquitto.start(program, 0);
  try {
    const own = { ...lstmdRun(shipped), name: 'lstmd' };
    const peers: readonly Peer[] = [...peersOf(directory).filter(isWanted), own];
    const reports = peers.map((): AgentReport[] => []);
    for (let round = 0; round < options.rounds; round += 1) {
      for (const [i, peer] of peers.entries()) {
        const run = { ...options, broker: broker.url, protocol: '5' } as const;
        reports[i]?.push(await measureAgent(run, peer, pin));
      }
    }
    return peers.map(({ name }, i) => resultOf(name, reports[i] ?? []));
  } finally {
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function resultOf(name: string, reports: readonly AgentReport[]): PeerResult {
  const own = Object.entries(figures).map(([figure, of]) => [figure, reports.map(of)] as const);
  return { name, figures: Object.fromEntries(own) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function peersText(results: readonly PeerResult[], options: ComparePeersOptions): string {
  const names = Object.keys(figures);
  const [measure] = results;
  const rows = [['', ...names]];
  for (const { name, figures: own } of results) {
    const medians = names.map((figure) => median(own[figure] ?? []));
    rows.push([name, ...medians.map((value) => value.toPrecision(4))]);
    const ratios = names.map((figure, i) => {
      const base = median(measure?.figures[figure] ?? []);
      return `${((medians[i] ?? Number.NaN) / base).toFixed(2)} x`;
    });
    rows.push(['', ...ratios]);
  }
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return [
    ...table(rows, { rightFrom: 1 }),
    '',
    `medians of ${options.rounds} interleaved rounds, and ratios to the first; ${options.rateHz} Hz; load ${load}`,
    'loop: 32 samples under way at once. CPU, RSS: of the program, which has one core. The floor and the scripts have no model.',
    '',
  ].join('\n');
}
