import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, predictRows, testFolder } from '../support/daemon.js';
import { cli, projectFile } from '../support/project.js';

interface Health {
  readonly sensor: {
    readonly decoder: Readonly<Record<string, number>>;
    readonly clock: { readonly gaps: number };
  };
}

const faults = 'silence=0.1,garbage=0.3';

test(
  'asks slaves over a port, one of them behind a bad line',
  { skip: needsBroker() },
  async (t) => {
    const folder = testFolder(t);
    const rows = Array.from({ length: 60 }, (_, n) => `${n % 50},${1000 - (n % 30)},${n % 7}`);
    const recording = join(folder, 'recording.csv');
    writeFileSync(recording, `${rows.join('\n')}\n`);
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/#');
    const streams = ['good', 'bad'].map(
      (name) => `  ${name}:
    sensor:
      link: ${join(folder, name)}
      rateHz: 100
      decoder: modbus
      slave: 0x50
      registers:
        x: { address: 0x34, type: float32 }
        y: { address: 0x36, type: float32 }
        z: { address: 0x38, type: float32 }
      answerTimeoutMs: ${name === 'good' ? 5000 : 50}
      turnaroundMs: 2
    features: { scale: 0.001 }
    model: { file: ${projectFile('examples/running/running.keras')}, mode: continuous, labels: [running] }
`,
    );
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `device: box\nstateDirectory: ${folder}/state\nmqtt: { url: "${broker.url}" }\nstreams:\n${streams.join('')}`,
    );
    const daemon = new Daemon(t, config);
    await daemon.logged(/^running/);
    await daemon.logged(/connected to the broker/);
    const slaves = ['good', 'bad'].map((name) => {
      const options = ['--format', 'modbus:float', '--recording', recording, '--speed', 'max'];
      const line = name === 'bad' ? ['--faults', faults] : [];
      const slave = spawn(
        process.execPath,
        [cli, 'simulate', '--link', join(folder, name), ...options, ...line],
        { stdio: 'ignore' },
      );
      t.after(() => slave.kill('SIGKILL'));
      return once(slave, 'exit');
    });
    for (const [code] of (await Promise.all(slaves)) as [number | null][]) {
      assert.equal(code, 0);
    }
    assert.equal(await daemon.end(), 0);
    await subscriber.until(() =>
      subscriber.on('lstmd/box/status').some(({ payload }) => payload.includes('offline')),
    );
    const outputs = subscriber
      .on('lstmd/box/good/prediction')
      .map(({ payload }) => (JSON.parse(payload) as { p: { running: number } }).p.running);
    const healthOf = (name: string): Health['sensor'] => {
      const { payload } = subscriber.on(`lstmd/box/${name}/health`).at(-1) ?? { payload: '' };
      return (JSON.parse(payload) as Health).sensor;
    };
    assert.deepEqual(outputs, await predictRows(rows));
    const { decoder, clock } = healthOf('bad');
    const { requests = 0, noAnswer = 0, badChecksum = 0, skippedBytes = 0 } = decoder;
    const read = decoder['rows'] ?? 0;
    assert.ok(read < rows.length && read > rows.length / 2, JSON.stringify(decoder));
    assert.equal(subscriber.on('lstmd/box/bad/prediction').length, read);
    assert.equal(requests, read + noAnswer + badChecksum);
    assert.ok(noAnswer + badChecksum >= rows.length - read && clock.gaps > 0 && skippedBytes > 0);
  },
);
