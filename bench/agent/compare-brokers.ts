import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { agentText, measureAgent, type AgentReport } from '#src/commands/bench/agent/action.js';
import type { MqttVersion } from '#src/commands/bench/agent/agent-rig.js';
import { findMosquitto, Mosquitto } from '#src/commands/demo/mosquitto.js';

export interface CompareBrokersOptions {
  readonly seconds: number;
  readonly rateHz: number;
  readonly json?: boolean;
}

interface BrokerProcess {
  readonly url: string;
  readonly protocol: MqttVersion;
  stop(): Promise<void>;
}

const aedesFile = fileURLToPath(new URL('broker-process.js', import.meta.url));

/**
 * Prints what `lstmd bench agent` measures on aedes and, where it is installed, on Mosquitto, each in
 * a process of its own.
 */
export async function compareBrokers(options: CompareBrokersOptions): Promise<void> {
  const reports: AgentReport[] = [];
  for (const [name, start] of [
    ['aedes', startAedes],
    ['Mosquitto', startMosquitto],
  ] as const) {
    const broker = await start();
    if (broker === null) {
      process.stderr.write(`${name}: not measured: not installed\n`);
      continue;
    }
    try {
      const { url, protocol } = broker;
      reports.push({
        ...(await measureAgent({ ...options, broker: url, protocol })),
        broker: name,
      });
    } finally {
      await broker.stop();
    }
  }
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(reports, null, 2)}\n`
      : reports.map(agentText).join('\n'),
  );
}

/** Aedes speaks MQTT 3.1.1 alone. */
async function startAedes(): Promise<BrokerProcess> {
  const child = fork(aedesFile, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [url] = (await once(child, 'message')) as [string];
  const stop = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  };
  return { url, protocol: '3.1.1', stop };
}

async function startMosquitto(): Promise<BrokerProcess | null> {
  const program = findMosquitto();
  if (program === null) {
    return null;
  }
  const broker = await Mosquitto.start(program, 0);
  return { url: broker.url, protocol: '5', stop: () => broker.stop() };
}
