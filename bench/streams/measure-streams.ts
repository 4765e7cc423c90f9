import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { packageFile } from '#src/base/package-root.js';
import { findMosquitto, Mosquitto } from '#src/commands/demo/mosquitto.js';
import { processUsage } from '#src/commands/bench/agent/process-usage.js';
import { quantile } from '#src/commands/bench/measure/rounds.js';
import { MeasuredDaemon } from '../agent/measured-daemon.js';
import { mqttFeed, ttyFeed, type Feed } from './feeds.js';
import { Latencies } from './latencies.js';

export interface MeasureStreamsOptions {
  readonly streams: number;
  readonly rateHz: number;
  /** Every n-th prediction of a stream is published. */
  readonly every: number;
  /** Seconds of samples, at the rate. */
  readonly seconds: number;
  /** Devices at a broker, or each on a tty of its own. */
  readonly over: 'mqtt' | 'tty';
  /** Devices send one after the other over each period, in place of all at its beginning. */
  readonly spread?: boolean;
  readonly model?: string;
  readonly json?: boolean;
}

const healthSeconds = 2;

/**
 * Prints what a sample costs where so many devices send theirs to one daemon, which is held to one core: its CPU
 * time over the samples that it stepped, so that a busy machine makes it last longer and counts little; and how long a
 * sample was under way to a subscriber.
 */
export async function measureStreams(options: MeasureStreamsOptions): Promise<void> {
  const program = findMosquitto();
  if (program === null) {
    throw new Error('mosquitto is not installed');
  }
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-streams-'));
  const broker = await Mosquitto.start(program, 0);
  const client = await connectAsync(broker.url);
  const { over, streams } = options;
  const feed = over === 'tty' ? ttyFeed(folder, streams) : mqttFeed(client, broker.url, streams);
  const config = configOf(options, feed, broker.url, folder);
  const daemon = new MeasuredDaemon(config, folder, ['taskset', '-c', '0']);
  try {
    const report = await measure(options, feed, client, daemon.pid);
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(report, null, 2)}\n`
        : `${report.samples} samples of ${streams} streams: ${report.cpuUs.toFixed(1)} µs of CPU a sample, ${report.coreShare.toFixed(2)} of a core at ${options.rateHz} Hz, p50 ${report.p50Ms.toFixed(2)} ms, p99 ${report.p99Ms.toFixed(2)} ms, RSS ${report.rssMiB.toFixed(0)} MiB\n`,
    );
  } finally {
    await daemon.stop();
    feed.stop();
    await client.endAsync(true);
    await broker.stop();
  }
}

function configOf(
  { rateHz, every, model = packageFile('examples/running/running.keras') }: MeasureStreamsOptions,
  feed: Feed,
  url: string,
  folder: string,
): object {
  return {
    device: 'box',
    stateDirectory: join(folder, 'state'),
    healthSeconds,
    log: { level: 'error' },
    mqtt: { url },
    streams: feed.streams({
      sensor: { rateHz },
      model: { file: model, mode: 'continuous' },
      state: { onGap: { then: 'keep' } },
      publish: { every },
    }),
  };
}

async function measure(
  { streams, rateHz, seconds, spread = false }: MeasureStreamsOptions,
  feed: Feed,
  client: MqttClient,
  pid: number,
) {
  const steps = new StepCounter();
  const latencies = new Latencies(streams);
  client.on('message', (topic, payload) => {
    if (topic.endsWith('/health')) {
      steps.take(payload);
    } else {
      latencies.take(topic, payload);
    }
  });
  await client.subscribeAsync(['lstmd/box/health', 'lstmd/box/+/prediction']);
  // Nobody is there to hear what is sent before the first health.
  await steps.next();
  await feed.ready();
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round += 1) {
      const startMs = performance.now();
      for (let n = 0; n < streams; n += 1) {
        const waitMs = startMs + (1000 * n) / (streams * rateHz) - performance.now();
        if (spread && waitMs > 0) {
          await sleep(waitMs);
        }
        latencies.sent(n);
        feed.send(n, `${Math.sin(n + round / 7).toFixed(3)},0.2,0.9`);
      }
      await feed.sent();
      await sleep(Math.max(0, startMs + 1000 / rateHz - performance.now()));
    }
  };
  // Streams are made, and code is compiled.
  await rounds(Math.ceil(3 * rateHz));
  const samplesBefore = await steps.settled();
  latencies.takeSorted();
  const before = processUsage(pid);
  await rounds(Math.ceil(seconds * rateHz));
  const samples = (await steps.settled()) - samplesBefore;
  const after = processUsage(pid);
  const cpuUs = (1000 * (after.cpuMs - before.cpuMs)) / samples;
  const underWayMs = latencies.takeSorted();
  return {
    samples,
    cpuUs,
    coreShare: (cpuUs * streams * rateHz) / 1e6,
    p50Ms: quantile(underWayMs, 0.5),
    p99Ms: quantile(underWayMs, 0.99),
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
