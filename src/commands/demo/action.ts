import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageFile } from '../../base/package-root.js';
import { prepareStreams, type PreparedStream } from '../../agent/prepared-stream.js';
import { configSchema, type Config } from '../../config/schema.js';
import { createProcessLog } from '../../observe/process-log.js';
import { MotionSource } from '../../simulator/motion-source.js';
import { PtyPort } from '../../platform/pty-port.js';
import { SensorSimulator } from '../../simulator/sensor-simulator.js';
import { durationText } from '../terminal/duration-text.js';
import { aborted, stopSignal } from '../terminal/stop-signal.js';
import { LiveView, type DemoState } from './live-view.js';

export interface DemoOptions {
  readonly stateDirectory: string;
  readonly port: number;
  readonly seed: number;
  readonly seconds?: number;
}

const modelFile = packageFile('examples/running/running.keras');
const rateHz = 26;
const streamName = 'wearer';
/** The network was trained without the first second and a half counting. */
const warmupSamples = 39;
/** A demo is started again tomorrow, and should remember. */
const maxAgeSeconds = 7 * 86_400;

/** Runs the demo until Ctrl-C, then says where the state is. */
export async function demo(options: DemoOptions): Promise<void> {
  const stopping = stopSignal();
  const stateDirectory = resolve(options.stateDirectory);
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const link = join(stateDirectory, 'tty');
  const draft = demoConfig(stateDirectory, link, options.port);
  // A model is read in a thread of its own, which leaves time to load what serves it.
  const [streams, { Agent }, { EmbeddedBroker }] = await Promise.all([
    prepareStreams(draft),
    import('../../agent/agent.js'),
    import('./embedded-broker.js'),
  ]);
  const broker = new EmbeddedBroker();
  const brokerPort = await broker.start(options.port);
  const config = { ...draft, mqtt: { ...draft.mqtt, url: loopbackUrl(brokerPort) } };
  const port = new PtyPort(link);
  const simulator = new SensorSimulator({
    source: new MotionSource({ seed: options.seed, rateHz }),
    port,
    rateHz,
  });
  const log = createProcessLog({ level: 'error', format: 'auto' });
  const agent = new Agent({ config, secrets: {}, streams, log });
  const state = demoState(streams, link, brokerPort, stateDirectory);
  const view = new LiveView(state, process.stdout);
  broker.subscribe(`${config.mqtt.prefix}/#`, (topic, payload) => {
    takeMessage(state, view, topic, payload);
    state.activity = simulator.label ?? '';
  });
  const timer =
    options.seconds === undefined
      ? undefined
      : setTimeout(() => process.kill(process.pid, 'SIGINT'), 1000 * options.seconds);
  try {
    port.plug();
    await agent.start(stopping);
    simulator.start();
    view.start();
    await aborted(stopping);
  } finally {
    clearTimeout(timer);
    await simulator.stop();
    const { saved } = await agent.stop();
    view.stop();
    port.stop();
    await broker.stop();
    if (saved[streamName] !== undefined) {
      process.stdout.write(farewell(saved[streamName], join(stateDirectory, streamName)));
    }
  }
}

function farewell(samples: number | null, directory: string): string {
  return samples === null
    ? `The state could not be saved in ${directory}.\n`
    : `State saved after sample ${samples} in ${directory}; the next start resumes from it.\n`;
}

function loopbackUrl(port: number): string {
  return `mqtt://127.0.0.1:${port}`;
}

function demoConfig(stateDirectory: string, link: string, brokerPort: number): Config {
  return configSchema.parse({
    device: 'demo',
    stateDirectory,
    // What the embedded broker speaks.
    mqtt: { url: loopbackUrl(brokerPort), protocol: '3.1.1' },
    streams: {
      [streamName]: {
        sensor: { link, rateHz },
        features: { scale: 0.001 },
        model: { file: modelFile, mode: 'continuous', labels: ['running'], warmupSamples },
        state: { maxAgeSeconds },
        publish: { events: [{ label: 'running', on: 0.8, off: 0.2 }] },
      },
    },
  });
}

function demoState(
  streams: readonly PreparedStream[],
  link: string,
  brokerPort: number,
  stateDirectory: string,
): DemoState {
  const [stream] = streams;
  return {
    link,
    brokerUrl: loopbackUrl(brokerPort),
    topicFilter: 'lstmd/demo/#',
    stateDirectory,
    activity: '',
    mode: stream?.stream.stepper.program.mode ?? '',
    engine: stream?.stream.engine ?? '',
    target: stream?.stream.target ?? '',
    label: stream?.labels.outputs[0] ?? '',
    resumed: '',
    probability: 0,
    seq: 0,
    received: 0,
  };
}

/** What a subscriber of `lstmd/#` learns. */
interface Message {
  readonly seq?: number;
  readonly p?: Readonly<Record<string, number>>;
  readonly state?: {
    readonly resumed?: boolean;
    readonly samples?: number;
    readonly savedAt?: number;
  };
}

function takeMessage(state: DemoState, view: LiveView, topic: string, payload: string): void {
  const message = JSON.parse(payload) as Message;
  if (topic.endsWith('/prediction')) {
    state.probability = message.p?.[state.label] ?? 0;
    state.seq = message.seq ?? 0;
    state.received += 1;
    view.add(state.probability);
  } else if (topic.endsWith('/info')) {
    const { resumed, samples = 0, savedAt = 0 } = message.state ?? {};
    state.resumed =
      resumed === true
        ? `resumed after sample ${samples}, saved ${durationText(Date.now() - savedAt)} ago`
        : 'fresh start';
  }
}
