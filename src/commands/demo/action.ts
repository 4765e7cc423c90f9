import { join, resolve } from 'node:path';
import { isObject, type JsonObject } from '../../base/json.js';
import { packageFile } from '../../base/package-root.js';
import { preparePublisher } from '../../agent/prepared-publisher.js';
import { prepareStreams, type PreparedStream } from '../../agent/prepared-stream.js';
import { configSchema, type Config } from '../../agent/config-schema.js';
import { createProcessLog } from '../../observe/process-log.js';
import { parseBrokerUrl } from '../../mqtt-client/broker-address.js';
import { Topics } from '../../publish/mqtt/topics.js';
import { Subscription } from '../../publish/mqtt/subscription.js';
import { MotionSource } from '../../simulator/motion-source.js';
import { makeOwnDirectory } from '../../platform/own-directory.js';
import { PtyPort } from '../../platform/pty-port.js';
import { SensorSimulator } from '../../simulator/sensor-simulator.js';
import { durationText } from '../terminal/duration-text.js';
import { aborted, stopSignal, unlessAborted } from '../terminal/stop-signal.js';
import { uncaughtFault } from '../terminal/uncaught-fault.js';
import type { DemoBroker } from './demo-broker.js';
import { LiveView, type DemoState } from './live-view.js';
import { openDemoBroker } from './open-demo-broker.js';

export interface DemoOptions {
  readonly stateDirectory: string;
  readonly broker?: string;
  readonly port: number;
  readonly seed: number;
  readonly seconds?: number;
  /** False where no dashboard is wanted. */
  readonly dashboard: boolean;
  readonly dashboardPort: number;
}

const modelFile = packageFile('examples/running/running.keras');
const rateHz = 26;
const device = 'demo';
const streamName = 'wearer';
const topicFilter = `lstmd/${device}/#`;
/** Training left the outputs of the first second and a half out of account. */
const warmupSamples = 39;
/** A demo that is started again within days resumes. */
const maxAgeSeconds = 7 * 86_400;

/** Runs the demo until Ctrl-C, then says where the state is. */
export async function demo(options: DemoOptions): Promise<void> {
  const stopping = stopSignal();
  const stateDirectory = resolve(options.stateDirectory);
  await makeOwnDirectory(stateDirectory);
  const broker = await openDemoBroker(options);
  try {
    await runDemo(options, { stopping, stateDirectory, broker });
  } finally {
    await broker.stop();
  }
}

interface DemoParts {
  readonly stopping: AbortSignal;
  readonly stateDirectory: string;
  readonly broker: DemoBroker;
}

async function runDemo(
  options: DemoOptions,
  { stopping, stateDirectory, broker }: DemoParts,
): Promise<void> {
  const link = join(stateDirectory, 'tty');
  const config = demoConfig(stateDirectory, link, broker.url, options);
  // The model is read in a thread of its own, so the agent's code is loaded meanwhile.
  const loaded = await unlessAborted(
    stopping,
    Promise.all([
      prepareStreams(config, stopping),
      import('../../agent/agent.js'),
      import('../../monitoring/monitor.js'),
    ]),
  );
  if (loaded === null) {
    return;
  }
  const [streams, { Agent }, monitoring] = loaded;
  const publisher = await preparePublisher(config);
  const port = new PtyPort(link);
  const simulator = new SensorSimulator({
    source: new MotionSource({ seed: options.seed, rateHz }),
    port,
    rateHz,
  });
  const log = createProcessLog({ level: 'error', format: 'auto' });
  const section = config.monitoring;
  const observer = section && new monitoring.Monitor({ section, device, log, orAnyPort: true });
  const agent = new Agent({ config, publisher, streams, log, observer });
  const state = demoState(streams, link, parseBrokerUrl(broker.url).text, stateDirectory);
  const view = new LiveView(state, process.stdout);
  const subscription = await Subscription.open(broker.url, topicFilter, (payload, topic) => {
    takeMessage(state, view, topic, payload.toString());
    state.activity = simulator.label ?? '';
  });
  const fault = uncaughtFault(log);
  const ending = AbortSignal.any([stopping, fault]);
  let timer: NodeJS.Timeout | undefined;
  try {
    port.plug();
    await agent.start(ending);
    state.dashboardUrl = (await Promise.race([observer?.listening(), aborted(ending)])) ?? '';
    simulator.start();
    view.start();
    // They are those that it shows, however long a slow machine has loaded.
    if (options.seconds !== undefined) {
      timer = setTimeout(() => process.kill(process.pid, 'SIGINT'), 1000 * options.seconds);
    }
    await aborted(ending);
    fault.throwIfAborted();
  } finally {
    clearTimeout(timer);
    await simulator.stop();
    const { saved } = await agent.stop();
    view.stop();
    port.stop();
    await subscription.close();
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

function demoConfig(
  stateDirectory: string,
  link: string,
  url: string,
  { dashboard, dashboardPort }: DemoOptions,
): Config {
  return configSchema.parse({
    device,
    stateDirectory,
    // Every broker speaks 3.1.1; aedes speaks nothing else.
    mqtt: { url, protocol: '3.1.1' },
    ...(dashboard && { monitoring: { listen: `127.0.0.1:${dashboardPort}`, dashboard } }),
    streams: {
      [streamName]: {
        sensor: { link, rateHz },
        features: { scale: 0.001 },
        model: { file: modelFile, mode: 'continuous', labels: ['running'], warmupSamples },
        // The wearer stands still while nobody looks: what the demo shows is that the state goes on.
        state: { maxAgeSeconds, onGap: { then: 'keep' } },
        publish: { events: [{ label: 'running', on: 0.8, off: 0.2 }] },
      },
    },
  });
}

function demoState(
  streams: readonly PreparedStream[],
  link: string,
  brokerUrl: string,
  stateDirectory: string,
): DemoState {
  const [stream] = streams;
  return {
    link,
    brokerUrl,
    topicFilter,
    dashboardUrl: '',
    stateDirectory,
    activity: '',
    mode: stream?.stepper.program.mode ?? '',
    engine: stream?.engine ?? '',
    target: stream?.target ?? '',
    label: stream?.labels.outputs[0] ?? '',
    resumed: '',
    probability: 0,
    seq: 0,
    received: 0,
  };
}

const topics = new Topics('lstmd', device).stream(streamName);

/**
 * Shows a message of the demo's stream. Anyone may publish to the demo's broker, and what is not such a
 * message is passed over.
 */
function takeMessage(state: DemoState, view: LiveView, topic: string, payload: string): void {
  const message = parseObject(payload);
  if (message === null) {
    return;
  }
  if (topic === topics.prediction) {
    const p = isObject(message['p']) ? message['p'][state.label] : undefined;
    if (!isProbability(p) || typeof message['seq'] !== 'number') {
      return;
    }
    state.probability = p;
    state.seq = message['seq'];
    state.received += 1;
    view.add(state.probability);
  } else if (topic === topics.info) {
    const { resumed, samples, savedAt } = isObject(message['state']) ? message['state'] : {};
    state.resumed =
      resumed === true && typeof samples === 'number' && typeof savedAt === 'number'
        ? `resumed after sample ${samples}, saved ${durationText(Date.now() - savedAt)} ago`
        : 'fresh start';
  }
}

function isProbability(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/** The object of a JSON text; null where it is none. */
function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
