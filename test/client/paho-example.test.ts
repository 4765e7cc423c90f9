import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { Broker, needsBroker } from '../support/broker.js';
import { projectFile } from '../support/project.js';

const hasPaho = spawnSync('python3', ['-c', 'import paho.mqtt.client']).status === 0;
const skip = needsBroker() || (hasPaho ? false : 'needs paho-mqtt: apt install python3-paho-mqtt');

const of = (seq: number): object => ({ ts: 1, boot: 7, seq, label: 'running', warm: true });

test('the example in Python prints each prediction once, also of a batch', { skip }, async (t) => {
  const broker = await Broker.start();
  t.after(() => broker.remove());
  const example = spawn(
    'python3',
    [projectFile('examples/subscribe.py'), '127.0.0.1', String(broker.port)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => example.kill());
  const lines = createInterface({ input: example.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  assert.equal(await next(), 'subscribed');
  const device = await connectAsync(broker.url);
  t.after(() => device.endAsync(true));
  const publish = async (leaf: string, record: object): Promise<void> => {
    await device.publishAsync(`lstmd/box/pump/${leaf}`, JSON.stringify(record), { qos: 1 });
  };
  await publish('prediction', of(1));
  await publish('prediction', of(1));
  await publish('prediction', { ts: 1, boot: 7, seq: 2, predictions: [of(2), of(3)] });
  await publish('history', { history: true, kind: 'prediction', ...of(2) });
  await publish('history', { history: true, kind: 'prediction', ...of(4) });
  assert.deepEqual(
    [await next(), await next(), await next(), await next()],
    [1, 2, 3, 4].map((seq) => `box pump ${seq} running`),
  );
});
