import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { z } from 'zod';
import { MessageReader } from '#src/client/message-reader.js';
import { Broker, needsBroker, type Received } from '../../support/broker.js';
import { runCommand } from '../../support/command.js';
import { environment, testFolder } from '../../support/daemon.js';
import { DescribedDevice } from '../../support/described.js';
import { cli, projectFile } from '../../support/project.js';

const devices = 20;

const totalsShape = z.object({
  devices: z.number(),
  reconnects: z.number(),
  produced: z.number(),
  delivered: z.number(),
  pending: z.number(),
  dropped: z.record(z.string(), z.number()),
});

/** The devices that have published such a value on a topic of theirs. */
function devicesThat(received: readonly Received[], leaf: string, says: string): Set<string> {
  return new Set(
    received
      .filter(({ topic, payload }) => topic.endsWith(leaf) && payload.includes(says))
      .map(({ topic }) => topic.split('/')[1] ?? ''),
  );
}

/** Returns whether the newest status of each device is that it is there. */
function isOnlineLast(received: readonly Received[]): boolean {
  const last = new Map(
    received
      .filter(({ topic }) => topic.endsWith('/status'))
      .map(({ topic, payload }) => [topic, payload]),
  );
  return [...last.values()].every((payload) => payload.includes('online'));
}

/** Describes what a configuration with the model of the demo would publish, by `lstmd describe`. */
async function describedDevice(folder: string, device: string): Promise<DescribedDevice> {
  const file = join(folder, 'lstmd.json');
  const config = {
    device,
    stateDirectory: folder,
    mqtt: { url: 'mqtt://127.0.0.1' },
    streams: {
      wearer: {
        model: {
          file: projectFile('examples/running/running.keras'),
          mode: 'continuous',
          labels: ['running'],
        },
        sensor: { link: '/dev/ttyUSB0', rateHz: 26 },
        publish: { events: [{ label: 'running', on: 0.9, off: 0.5 }] },
      },
    },
  };
  writeFileSync(file, JSON.stringify(config));
  const { code, stdout, stderr } = await runCommand(['describe', '-c', file, '--json']);
  assert.equal(code, 0, stderr);
  return new DescribedDevice(stdout);
}

test(
  'a fleet publishes as its daemons would, comes back when it is cut, and leaves nothing behind',
  { skip: needsBroker() },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t);
    const fleet = spawn(
      process.execPath,
      [
        cli,
        'simulate',
        '--fleet',
        String(devices),
        '--broker',
        broker.url,
        '--rate-hz',
        '2',
        '--json',
      ],
      { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    t.after(() => fleet.kill('SIGKILL'));
    let stdout = '';
    fleet.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const isTold = (received: readonly Received[], state: string, from = 0): boolean =>
      devicesThat(received.slice(from), '/status', `"${state}"`).size === devices;
    await subscriber.until((received) => isTold(received, 'online'));
    await subscriber.until(
      (received) => devicesThat(received, '/wearer/now', '"running"').size === devices,
    );

    const cutAt = subscriber.received.length;
    fleet.kill('SIGUSR2');
    await subscriber.until((received) => isTold(received, 'offline', cutAt));
    const backAt = subscriber.received.length;
    await subscriber.until(
      (received) =>
        devicesThat(received.slice(backAt), '/wearer/prediction', '"p"').size === devices,
    );
    await subscriber.until(isOnlineLast);

    // A network that parts in the middle of the stop ends nothing.
    fleet.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('delivering what waits')) {
        fleet.kill('SIGUSR2');
      }
    });
    fleet.kill('SIGTERM');
    const [code] = (await once(fleet, 'close')) as [number | null];
    assert.equal(code, 0);
    // The broker hands on in order: behind this, nothing of the fleet comes any more.
    const last = await connectAsync(broker.url);
    await last.publishAsync('last', 'last', { qos: 1 });
    await last.endAsync();
    await subscriber.until((received) => received.some(({ topic }) => topic === 'last'));
    const cleared = subscriber.received.filter(({ payload }) => payload === '');
    assert.equal(new Set(cleared.map(({ topic }) => topic)).size, 5 * devices);

    const totals = totalsShape.parse(JSON.parse(stdout));
    assert.ok(totals.reconnects >= devices);
    const records = new MessageReader('lstmd');
    const messages = subscriber.received
      .filter(({ topic, payload }) => topic !== 'last' && payload !== '')
      .flatMap(({ topic, payload }) => records.read(topic, Buffer.from(payload)));
    const got = messages.filter(({ kind }) => kind === 'prediction' || kind === 'event').length;
    assert.deepEqual(
      { ...totals, reconnects: 0 },
      {
        devices,
        reconnects: 0,
        produced: got,
        delivered: got,
        pending: 0,
        dropped: {},
      },
    );
    assert.deepEqual(
      messages.filter(({ kind }) => kind === 'missing' || kind === 'malformed'),
      [],
    );

    const described = await describedDevice(testFolder(t), 'fleet-07');
    const own = subscriber.received.filter(
      ({ topic, payload }) => topic.startsWith('lstmd/fleet-07/') && payload !== '',
    );
    assert.deepEqual(
      [...new Set(own.map(({ topic }) => topic))].sort(),
      described.addresses.filter((address) => !address.endsWith('/history')).sort(),
    );
    for (const { topic, payload } of own) {
      assert.equal(described.faultOf(topic, JSON.parse(payload)), undefined);
    }
  },
);

test('a fleet needs a broker that is there, and no port beside it', async () => {
  const alone = await runCommand(['simulate', '--fleet', '3']);
  assert.equal(alone.code, 64);
  assert.match(alone.stderr, /--fleet needs --broker mqtt:\/\/host/);
  const both = await runCommand(['simulate', '--fleet', '3', '--link', '/tmp/sensor']);
  assert.equal(both.code, 64);
  assert.match(both.stderr, /'--fleet <n>' cannot be used with option '--link <path>'/);
  const sensor = await runCommand(['simulate', '--link', '/tmp/sensor', '--seconds', '3']);
  assert.equal(sensor.code, 64);
  assert.match(sensor.stderr, /'--seconds <n>' cannot be used with option '--link <path>'/);
  const away = ['--broker', 'mqtt://127.0.0.1:1', '--seconds', '0.1', '--json'];
  const nobody = await runCommand(['simulate', '--fleet', '2', ...away]);
  assert.equal(nobody.code, 69);
  assert.match(nobody.stderr, /no device of the fleet was ever connected/);
  assert.match(nobody.stdout, /"delivered":0/);
});
