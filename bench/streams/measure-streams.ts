import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { packageFile } from '#src/base/package-root.js';
import { findMosquitto, Mosquitto } from '#src/commands/demo/mosquitto.js';
import { processUsage } from '#src/commands/bench/agent/process-usage.js';

export interface MeasureStreamsOptions {
  readonly streams: number;
  readonly rateHz: number;
  /** Every n-th prediction of a stream is published. */
  readonly every: number;
  /** Seconds of samples, at the rate. */
  readonly seconds: number;
  readonly model?: string;
  readonly json?: boolean;
}

const healthSeconds = 2;

/**
 * Prints what a sample costs where so many devices send theirs over MQTT to one daemon, which is held to one core: its CPU
 * time over the samples that it stepped, so that a busy machine makes it last longer and counts little.
 */
export async function measureStreams(options: MeasureStreamsOptions): Promise<void> {
  const program = findMosquitto();
  if (program === null) {
    throw new Error('mosquitto is not installed');
  }
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-streams-'));
  const broker = await Mosquitto.start(program, 0);
  const client = await connectAsync(broker.url);
  const daemon = spawn(
    'taskset',
    [
      '-c',
      '0',
      process.execPath,
      packageFile('dist/cli.js'),
      'run',
      '-c',
      configOf(options, broker.url, folder),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const endDaemon = (): void => {
    daemon.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', endDaemon);
  try {
    const report = await measure(options, client, daemon.pid ?? 0);
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(report, null, 2)}\n`
        : `${report.samples} samples of ${options.streams} streams: ${report.cpuUs.toFixed(1)} µs of CPU a sample, ${report.coreShare.toFixed(2)} of a core at ${options.rateHz} Hz, RSS ${report.rssMiB.toFixed(0)} MiB\n`,
    );
  } finally {
    process.off('exit', endDaemon);
    const ended = once(daemon, 'exit');
    if (daemon.kill()) {
      await ended;
    }
    await client.endAsync(true);
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(
  {
    streams,
    rateHz,
    every,
    model = packageFile('examples/running/running.keras'),
  }: MeasureStreamsOptions,
  url: string,
  folder: string,
): string {
  const file = join(folder, 'lstmd.yaml');
  writeFileSync(
    file,
    `device: box
stateDirectory: ${folder}/state
healthSeconds: ${healthSeconds}
log: { level: error }
mqtt: { url: "${url}" }
streams:
  s:
    sensor: { link: "${url}/in/+", rateHz: ${rateHz}, maxStreams: ${streams} }
    model: { file: ${model}, mode: continuous }
    state: { onGap: { then: keep } }
    publish: { every: ${every} }
`,
  );
  return file;
}

async function measure(
  { streams, rateHz, seconds }: MeasureStreamsOptions,
  client: MqttClient,
  pid: number,
) {
  const steps = new StepCounter();
  client.on('message', (_, payload) => steps.take(payload));
  await client.subscribeAsync('lstmd/box/health');
  // Nobody is there to hear what is sent before the first health.
  await steps.next();
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round += 1) {
      const dueMs = performance.now() + 1000 / rateHz;
      for (let n = 0; n < streams; n += 1) {
        const x = Math.sin(n + round / 7).toFixed(3);
        client.publish(`in/d${n}`, `${x},0.2,0.9`);
      }
      await new Promise((resolve) => {
        client.publish('end-of-round', '', { qos: 1 }, resolve);
      });
      await sleep(Math.max(0, dueMs - performance.now()));
    }
  };
  // Streams are made, and code is compiled.
  await rounds(Math.ceil(3 * rateHz));
  const samplesBefore = await steps.settled();
  const before = processUsage(pid);
  await rounds(Math.ceil(seconds * rateHz));
  const samples = (await steps.settled()) - samplesBefore;
  const after = processUsage(pid);
  const cpuUs = (1000 * (after.cpuMs - before.cpuMs)) / samples;
  return {
    samples,
    cpuUs,
    coreShare: (cpuUs * streams * rateHz) / 1e6,
    rssMiB: after.rssMiB,
  };
}

/** Counts the samples that the daemon says it has stepped. */
class StepCounter {
  #steps = 0;
  #heard: () => void = () => {};

  take(payload: Buffer): void {
    const health = JSON.parse(payload.toString()) as {
      readonly totals: { readonly steps: number };
    };
    this.#steps = health.totals.steps;
    this.#heard();
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }

  /** Waits until nothing more is stepped. */
  async settled(): Promise<number> {
    let before = -1;
    while (before !== this.#steps) {
      before = this.#steps;
      await this.next();
    }
    return before;
  }
}
