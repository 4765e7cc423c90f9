import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { cli } from '../support/project.js';

interface Health {
  readonly sensor: { readonly decoder: { readonly partial: number } };
}

test('plays a recording into the daemon from its first row', { skip: needsBroker() }, async (t) => {
  const folder = testFolder(t);
  const rows = Array.from({ length: 400 }, (_, n) => `${n % 50},${1000 - (n % 30)},${n % 7}`);
  const recording = join(folder, 'recording.csv');
  writeFileSync(recording, `${rows.join('\n')}\n`);
  const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/#');
  const link = join(folder, 'tty');
  const daemon = new Daemon(t, writeConfig({ folder, brokerUrl: broker.url, link }));
  await daemon.logged(/^running/);
  await daemon.logged(/connected to the broker/);
  const simulator = spawn(
    process.execPath,
    [cli, 'simulate', '--link', link, '--recording', recording, '--speed', 'max'],
    { stdio: 'ignore' },
  );
  t.after(() => simulator.kill('SIGKILL'));
  const [code] = (await once(simulator, 'exit')) as [number | null];
  assert.equal(code, 0);
  await daemon.logged(/unplugged/);
  assert.equal(await daemon.end(), 0);
  await subscriber.until(() =>
    subscriber.on('lstmd/box/status').some(({ payload }) => payload.includes('offline')),
  );
  const outputs = subscriber
    .on('lstmd/box/wearer/prediction')
    .map(({ payload }) => (JSON.parse(payload) as { p: { running: number } }).p.running);
  const health = subscriber.on('lstmd/box/wearer/health').at(-1);
  const { partial } = (JSON.parse(health?.payload ?? '') as Health).sensor.decoder;
  // A daemon that was stalled when it opened the port discards the first line, and counts it.
  assert.ok(partial <= 1);
  assert.deepEqual(outputs, await predictRows(rows.slice(partial)));
});
