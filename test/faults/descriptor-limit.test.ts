import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, environment, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { cli } from '../support/project.js';
import { TestPty } from '../support/pty.js';
import { needsProgram } from '../support/requirement.js';

test(
  'goes on when it may open files again, after sensor and broker went while it might not',
  { skip: needsBroker() || needsProgram('prlimit', 'util-linux'), timeout: 300_000 },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/wearer/prediction');
    const pty = new TestPty(t);
    pty.port.plug();
    const daemon = new Daemon(
      t,
      writeConfig({
        folder: testFolder(t),
        brokerUrl: broker.url,
        link: pty.path,
        state: '{ checkpointSeconds: 0.1, onGap: { then: keep } }',
      }),
    );
    const limit = (descriptors: number): void => {
      const args = ['--pid', String(daemon.pid), `--nofile=${descriptors}:`];
      assert.equal(spawnSync('prlimit', args).status, 0);
    };
    const rows: string[] = [];
    const sendRows = async (): Promise<void> => {
      const some = Array.from({ length: 30 }, (_, n) => `${900 + rows.length + n},-80,25`);
      rows.push(...some);
      pty.sendBanner();
      await pty.send(some);
    };
    await daemon.logged(/^reading /);
    await daemon.logged(/connected to the broker/);
    await sendRows();
    await subscriber.until((received) => received.length >= rows.length);

    limit(8);
    const from = daemon.lines.length;
    pty.port.unplug();
    pty.port.plug();
    await daemon.logged(/cannot be opened.*Too many open files/, from);
    await broker.stop('SIGTERM');
    await daemon.logged(/no connection to the broker/, from);
    await broker.start();

    limit(1024);
    await daemon.logged(/^reading /, from);
    await sendRows();
    const seqs = () =>
      new Set(
        subscriber.received.map(({ payload }) => (JSON.parse(payload) as { seq: number }).seq),
      );
    await subscriber.until(() => seqs().size >= rows.length);
    const stopped = await daemon.end().then((code) => [code, daemon.lines.at(-1)?.['saved']]);
    assert.deepEqual(stopped, [0, { wearer: rows.length }], daemon.text);
    const last = subscriber.received
      .map(({ payload }) => JSON.parse(payload) as { seq: number; p: { running: number } })
      .find(({ seq }) => seq === rows.length);
    assert.equal(last?.p.running, (await predictRows(rows)).at(-1));
  },
);

test(
  'tells its health, and saves, while no descriptor is free',
  { skip: needsBroker() || needsProgram('prlimit', 'util-linux'), timeout: 300_000 },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t);
    const pty = new TestPty(t);
    pty.port.plug();
    const daemon = new Daemon(
      t,
      writeConfig({
        folder: testFolder(t),
        brokerUrl: broker.url,
        link: pty.path,
        state: '{ checkpointSeconds: 0.1, onGap: { then: keep } }',
        healthSeconds: 0.1,
      }),
    );
    await daemon.logged(/^reading /);
    await daemon.logged(/connected to the broker/);
    pty.sendBanner();
    const health = () => {
      const payload = subscriber.on('lstmd/box/health').at(-1)?.payload ?? '{}';
      return JSON.parse(payload) as { rssBytes?: number | null };
    };
    const saveCount = () => {
      const payload = subscriber.on('lstmd/box/wearer/health').at(-1)?.payload;
      return payload === undefined
        ? 0
        : (JSON.parse(payload) as { state: { saves: number } }).state.saves;
    };
    // Each slot stays open once it was written.
    for (const saves of [1, 2]) {
      await pty.send(['900,-80,25']);
      await subscriber.until(() => saveCount() >= saves);
    }
    const args = ['--pid', String(daemon.pid), '--nofile=8:8'];
    assert.equal(spawnSync('prlimit', args).status, 0);
    await Promise.race([
      subscriber.until(() => health().rssBytes === null),
      daemon.logged(/the health failed/).then(() => assert.fail(daemon.text)),
    ]);
    await pty.send(['910,-80,25']);
    await subscriber.until(() => subscriber.on('lstmd/box/wearer/prediction').length >= 3);
    const code = await daemon.end();
    assert.deepEqual([code, daemon.lines.at(-1)?.['saved']], [0, { wearer: 3 }], daemon.text);
  },
);

test(
  'refuses at its start more streams than it has descriptors for, by number',
  { skip: needsProgram('prlimit', 'util-linux') },
  async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/ttyNone' });
    const text = readFileSync(config, 'utf8');
    const [head = '', stream = ''] = text.split('  wearer:\n');
    const streams = Array.from({ length: 64 }, (_, n) =>
      `  wearer${n}:\n${stream}`.replace('/dev/ttyNone', `/dev/ttyNone${n}`),
    );
    writeFileSync(config, head + streams.join(''));
    const daemon = new Daemon(t, config, {}, ['prlimit', '--nofile=256:256']);
    const { msg } = await daemon.logged(/descriptors/);
    assert.match(msg, /64 streams need 304 descriptors, .* may have 256: raise LimitNOFILE=/);
    assert.equal(await daemon.exited, 78, daemon.text);

    // Devices that may send one day are warned of.
    const template =
      'wearer:\n    sensor: { link: "mqtt://127.0.0.1:9/+/imu", rateHz: 26, maxStreams: 64 }\n';
    writeFileSync(
      config,
      head + `  ${template}${stream.replace(/^    sensor:[^]*?(?=^    \w)/m, '')}`,
    );
    const warned = new Daemon(t, config, {}, ['prlimit', '--nofile=256:256']);
    const { level } = await warned.logged(/64 streams need 304 descriptors/);
    assert.equal(level, 'warn');
    assert.equal(await warned.end(), 0, warned.text);
  },
);

function startedUnder(limit: number, ...args: string[]) {
  const command = [`--nofile=${limit}:${limit}`, process.execPath, cli, ...args];
  return spawnSync('prlimit', command, { encoding: 'utf8', env: environment() });
}

test(
  'says before anything else that no command starts with so few descriptors',
  { skip: needsProgram('prlimit', 'util-linux') },
  (t) => {
    const setup = { folder: testFolder(t), brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/ttyNone' };
    const config = writeConfig(setup);
    // With fewer than 19 Node itself reads no file.
    for (const limit of [20, 60, 180]) {
      const { status, stderr } = startedUnder(limit, 'run', '-c', config);
      assert.equal(
        stderr,
        `lstmd: 256 descriptors are needed to start, and the process may have ${limit}: raise LimitNOFILE= of the unit, or "ulimit -n 256"\n`,
      );
      assert.equal(status, 71);
    }
    const { status, stderr } = startedUnder(256, 'run', '--check', '-c', config);
    assert.equal(status, 0, stderr);
  },
);
