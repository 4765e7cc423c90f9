import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { cli } from '../support/project.js';

test('plays a recording into the daemon from its first row', { skip: needsBroker() }, async (t) => {
  const folder = testFolder(t);
  const rows = Array.from({ length: 400 }, (_, n) => `${n % 50},${1000 - (n % 30)},${n % 7}`);
  const recording = join(folder, 'recording.csv');
  writeFileSync(recording, `${rows.join('\n')}\n`);
  const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/wearer/prediction');
  const link = join(folder, 'tty');
  const daemon = new Daemon(t, writeConfig({ folder, brokerUrl: broker.url, link }));
  await daemon.logged(/^running/);
  const simulator = spawn(
    process.execPath,
    [cli, 'simulate', '--link', link, '--recording', recording, '--speed', 'max'],
    { stdio: 'ignore' },
  );
  t.after(() => simulator.kill('SIGKILL'));
  await subscriber.until((received) => received.length === rows.length);
  if (simulator.exitCode === null) {
    await once(simulator, 'exit');
  }
  assert.equal(simulator.exitCode, 0);
  assert.equal(await daemon.end(), 0);
  const outputs = subscriber.received.map(
    ({ payload }) => (JSON.parse(payload) as { p: { running: number } }).p.running,
  );
  assert.deepEqual(outputs, await predictRows(rows));
});
