/**
 * Measures what a simulated fleet costs one Mosquitto on this machine; docs/fleet.md has the figures.
 *
 *   node scripts/cluster/measure-fleet.mjs [--devices 1000] [--seconds 30]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import { readArguments } from '../arguments.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const help = `node scripts/cluster/measure-fleet.mjs [--devices 1000] [--seconds 30] [--port 28831]

Measures what a simulated fleet costs one Mosquitto on this machine, which it starts on that port.`;
const { values } = readArguments(help, {
  options: {
    devices: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
    port: { type: 'string', default: '28831' },
  },
});
const devices = Number(values.devices);
const url = `mqtt://127.0.0.1:${values.port}`;
const folder = mkdtempSync(join(tmpdir(), 'lstmd-fleet-'));
const started = [];

function start(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  return child;
}

function startBroker() {
  const file = join(folder, 'mosquitto.conf');
  const lines = [
    `listener ${values.port} 127.0.0.1`,
    'allow_anonymous true',
    'sys_interval 1',
    'log_type none',
  ];
  writeFileSync(file, `${lines.join('\n')}\nuser root\n`);
  return start('mosquitto', ['-c', file]);
}

/** CPU seconds and resident bytes of a process. */
function usageOf({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1];
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, rssBytes: 1024 * rss };
}

async function connect() {
  for (;;) {
    try {
      return await connectAsync(url, { reconnectPeriod: 0 });
    } catch {
      await sleep(20);
    }
  }
}

/** Watches the statuses of all devices, and the broker's own counters. */
class Watch {
  states = new Map();
  counters = {};
  wills = 0;
  #client;

  async start() {
    this.#client = await connect();
    this.#client.on('error', () => {});
    this.#client.on('message', (topic, payload) => {
      if (topic.startsWith('$SYS')) {
        this.counters[topic] = Number(payload);
      } else if (payload.length > 0) {
        const { state } = JSON.parse(payload);
        this.wills += state === 'offline' ? 1 : 0;
        this.states.set(topic, state);
      }
    });
    await this.#client.subscribeAsync(['lstmd/+/status', '$SYS/broker/#'], { qos: 1 });
  }

  get online() {
    return [...this.states.values()].filter((state) => state === 'online').length;
  }

  async until(isTrue) {
    const begunMs = performance.now();
    while (!isTrue()) {
      await sleep(20);
    }
    return (performance.now() - begunMs) / 1000;
  }

  end() {
    this.#client.end(true);
  }
}

/** Reads all that is retained, as a program that subscribes to everything does. */
async function retained() {
  const client = await connectAsync(url);
  const begunMs = performance.now();
  let messages = 0;
  let bytes = 0;
  let lastMs = begunMs;
  client.on('message', (topic, payload, packet) => {
    if (packet.retain) {
      messages += 1;
      bytes += topic.length + payload.length;
      lastMs = performance.now();
    }
  });
  await client.subscribeAsync('lstmd/#', { qos: 0 });
  await sleep(5000);
  client.end(true);
  return { messages, bytes, seconds: (lastMs - begunMs) / 1000 };
}

function print(name, value) {
  process.stdout.write(`${name}: ${typeof value === 'number' ? value.toFixed(2) : value}\n`);
}

try {
  let broker = startBroker();
  let watch = new Watch();
  await watch.start();
  const fleet = start(process.execPath, [
    join(root, 'dist/cli.js'),
    'simulate',
    '--json',
    `--fleet=${values.devices}`,
    `--broker=${url}`,
  ]);
  let totals = '';
  fleet.stdout.on('data', (text) => (totals += text));
  print('seconds until all are connected', await watch.until(() => watch.online === devices));
  // What is retained has been sent by then.
  await sleep(10_000);

  const before = { fleet: usageOf(fleet), broker: usageOf(broker), ...watch.counters };
  const begunMs = performance.now();
  await sleep(1000 * values.seconds);
  const seconds = (performance.now() - begunMs) / 1000;
  const after = { fleet: usageOf(fleet), broker: usageOf(broker), ...watch.counters };
  const rate = (topic) => (after[topic] - before[topic]) / seconds;
  print('packets a second to the broker', rate('$SYS/broker/messages/received'));
  print('bytes a second to the broker', rate('$SYS/broker/bytes/received'));
  print('bytes a second from the broker', rate('$SYS/broker/bytes/sent'));
  for (const name of ['broker', 'fleet']) {
    const cpu = (after[name].cpuSeconds - before[name].cpuSeconds) / seconds;
    print(`CPU of the ${name}, % of a core`, 100 * cpu);
    print(`memory of the ${name}, MB`, after[name].rssBytes / 1e6);
  }
  const all = await retained();
  print('retained messages', all.messages);
  print('their bytes, topic and payload', all.bytes);
  print('seconds to read them all', all.seconds);

  watch.wills = 0;
  const cut = { fleet: usageOf(fleet), broker: usageOf(broker) };
  fleet.kill('SIGUSR2');
  print('all cut: seconds until the last will', await watch.until(() => watch.wills >= devices));
  print('seconds more until all are back', await watch.until(() => watch.online === devices));
  print('CPU seconds of the broker for it', usageOf(broker).cpuSeconds - cut.broker.cpuSeconds);
  print('CPU seconds of the fleet for it', usageOf(fleet).cpuSeconds - cut.fleet.cpuSeconds);
  await sleep(15_000);

  broker.kill('SIGKILL');
  await once(broker, 'exit');
  watch.end();
  await sleep(20_000);
  broker = startBroker();
  watch = new Watch();
  await watch.start();
  const half = watch.until(() => watch.online >= devices / 2);
  const allBack = watch.until(() => watch.online === devices);
  print('broker away for 20 s: seconds until half are back', await half);
  print('seconds until all are back', await allBack);
  await sleep(5000);
  fleet.kill('SIGTERM');
  await once(fleet, 'close');
  watch.end();
  print('accounts', totals.trim());
} finally {
  for (const child of started) {
    child.kill('SIGKILL');
  }
  rmSync(folder, { recursive: true });
}
