import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFile } from '#src/base/package-root.js';
import { encoders } from '#src/simulator/encoders/registry.js';
import { findMosquitto, Mosquitto } from '#src/commands/demo/mosquitto.js';
import { table } from '#src/commands/terminal/table.js';
import { LoadHealthFeed, type LoadHealth } from './load-health.js';
import { MeasuredDaemon } from './measured-daemon.js';
import { pin } from './pin.js';

export interface MeasureLoadOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

/** A sensor that sends more than most. */
interface Load {
  readonly name: string;
  readonly format: 'csv' | 'binary';
  /** Samples a second; 0 for as many as are read. */
  readonly rateHz: number;
  readonly publish: { readonly every?: number; readonly batch?: number };
}

const loads: readonly Load[] = [
  { name: 'every sample, a message each', format: 'csv', rateHz: 0, publish: {} },
  { name: 'every sample, ten in a message', format: 'csv', rateHz: 0, publish: { batch: 10 } },
  { name: '26.7 kHz, ten in a message', format: 'binary', rateHz: 26_700, publish: { batch: 10 } },
  { name: 'every 100th, csv', format: 'csv', rateHz: 0, publish: { every: 100 } },
  { name: 'every 100th, binary', format: 'binary', rateHz: 0, publish: { every: 100 } },
];

export interface LoadResult {
  readonly name: string;
  readonly samplesPerSecond: number;
  readonly messagesPerSecond: number;
  readonly cpuPercent: number;
  readonly cpuUsASample: number;
  /** Resident memory at the begin and at the end of what is measured: over many messages it must not rise. */
  readonly rssBeforeMiB: number;
  readonly rssMiB: number;
  /** Samples that were written and not stepped, and records that were dropped. */
  readonly lost: number;
}

const axes = ['x', 'y', 'z'];
const floodFile = fileURLToPath(new URL('flood-process.js', import.meta.url));
const warmUpMs = 3000;
/** The nominal rate of a sensor that sends as fast as it is read. */
const fastHz = 200_000;

/** Prints what lstmd takes where a sensor sends as fast as it is read, and whether anything is lost. */
export async function measureLoad(options: MeasureLoadOptions): Promise<void> {
  const program = findMosquitto();
  if (program === null) {
    throw new Error('mosquitto is not installed');
  }
  const broker = await Mosquitto.start(program, 0);
  try {
    const results: LoadResult[] = [];
    for (const load of loads) {
      results.push(await measure(load, options, broker.url));
    }
    process.stdout.write(
      options.json === true ? `${JSON.stringify(results, null, 2)}\n` : loadText(results),
    );
  } finally {
    await broker.stop();
  }
}

async function measure(
  load: Load,
  { seconds }: MeasureLoadOptions,
  url: string,
): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-load-'));
  const flood = fork(floodFile, [load.format, String(load.rateHz)]);
  const [link] = (await once(flood, 'message')) as [string];
  const device = `load-${process.pid}`;
  const daemon = new MeasuredDaemon(configOf(load, { link, url, folder, device }), folder);
  const health = new LoadHealthFeed();
  daemon.process.once('exit', (code) =>
    health.fail(new Error(`lstmd ended with ${code ?? 'a signal'}`)),
  );
  try {
    pin(daemon.pid);
    await health.open(url, device, daemon.pid);
    const ready = await health.when(({ connected }) => connected === 1);
    flood.send('go');
    const begin = await health.when(({ tsMs }) => tsMs >= ready.tsMs + warmUpMs);
    const end = await health.when(({ tsMs }) => tsMs >= begin.tsMs + 1000 * seconds);
    flood.send('stop');
    const [sent] = (await once(flood, 'message')) as [number];
    const { steps, dropped } = await settled(health);
    return { ...resultOf(load.name, begin, end), lost: sent - steps + dropped };
  } finally {
    flood.kill();
    await daemon.stop();
    await health.close();
  }
}

function configOf(
  { format, rateHz, publish }: Load,
  given: {
    readonly link: string;
    readonly url: string;
    readonly folder: string;
    readonly device: string;
  },
): object {
  const { link, url, folder, device } = given;
  const decoder = encoders.find(({ name }) => name === format)?.options(axes);
  return {
    device,
    stateDirectory: join(folder, 'state'),
    healthSeconds: 1,
    log: { level: 'error' },
    mqtt: { url },
    streams: {
      load: {
        sensor: { link, rateHz: rateHz === 0 ? fastHz : rateHz, decoder: format, ...decoder },
        features: { scale: 0.001 },
        model: { file: packageFile('examples/running/running.keras'), mode: 'continuous' },
        publish,
      },
    },
  };
}

/** Waits until nothing more is stepped or waits. */
async function settled(health: LoadHealthFeed): Promise<LoadHealth> {
  let before = -1;
  return health.when(({ steps, pending }) => {
    const isOver = steps === before && pending === 0;
    before = steps;
    return isOver;
  });
}

function resultOf(name: string, begin: LoadHealth, end: LoadHealth): Omit<LoadResult, 'lost'> {
  const seconds = (end.usage.atMs - begin.usage.atMs) / 1000;
  const samples = end.steps - begin.steps;
  const cpuMs = end.usage.cpuMs - begin.usage.cpuMs;
  return {
    name,
    samplesPerSecond: samples / seconds,
    messagesPerSecond: (end.delivered - begin.delivered) / seconds,
    cpuPercent: cpuMs / seconds / 10,
    cpuUsASample: (1000 * cpuMs) / samples,
    rssBeforeMiB: begin.usage.rssMiB,
    rssMiB: end.usage.rssMiB,
  };
}

function loadText(results: readonly LoadResult[]): string {
  const head = ['', 'samples/s', 'msg/s', 'CPU %', 'CPU us a sample', 'RSS MiB', 'lost'];
  const rows = results.map((result) => [
    result.name,
    result.samplesPerSecond.toFixed(0),
    result.messagesPerSecond.toFixed(0),
    result.cpuPercent.toFixed(0),
    result.cpuUsASample.toFixed(2),
    `${result.rssBeforeMiB.toFixed(0)} -> ${result.rssMiB.toFixed(0)}`,
    String(result.lost),
  ]);
  return `${table([head, ...rows], { rightFrom: 1 }).join('\n')}\n`;
}
