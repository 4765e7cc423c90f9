import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, watch } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { freePort } from '../support/broker.js';
import { runCli, testFolder } from '../support/daemon.js';
import { cli } from '../support/project.js';
import { needsProgram } from '../support/requirement.js';
import { newestState } from '../support/newest-state.js';

test('shows probabilities, saves the state, and resumes from it at the next start', async (t) => {
  const directory = join(testFolder(t), 'state');
  const port = String(await freePort());
  const args = ['demo', '--seconds', '1.5', '--port', port, '--state-directory', directory];

  const first = await runCli(args);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /continuous +native \(\w+\) +fresh start +subscribe: mqtt:/);
  assert.match(first.stdout, /sample \d+ .* running 0\.\d{3} +wearer /);
  const saved = /State saved after sample (\d+) in (.*); the next start resumes from it/.exec(
    first.stdout,
  );
  assert.ok(saved !== null && Number(saved[1]) > 0, first.stdout);
  assert.equal(saved[2], join(directory, 'wearer'));

  const second = await runCli(args);
  assert.equal(second.code, 0, second.stderr);
  assert.match(
    second.stdout,
    new RegExp(`resumed after sample ${saved[1]}, saved \\d+ seconds? ago`),
  );
});

/** Resolves when the demo's port is gone, which it puts away after it has saved. */
async function untilPortIsGone(directory: string): Promise<void> {
  const watcher = watch(directory);
  while (lstatSync(join(directory, 'tty'), { throwIfNoEntry: false }) !== undefined) {
    await once(watcher, 'change');
  }
  watcher.close();
}

test(
  'saves and takes its port away when its terminal is closed',
  { skip: needsProgram('script', 'bsdutils'), timeout: 300_000 },
  async (t) => {
    const directory = join(testFolder(t), 'state');
    const port = String(await freePort());
    const command = `exec ${process.execPath} ${cli} demo --port ${port} --state-directory ${directory}`;
    const terminal = spawn('script', ['-qfc', command, '/dev/null'], { stdio: 'pipe' });
    t.after(() => terminal.kill('SIGKILL'));
    let shown = '';
    while (!/sample [1-9]/.test(shown)) {
      const [chunk] = (await once(terminal.stdout, 'data')) as [Buffer];
      shown += chunk.toString();
    }
    // It holds the terminal's other end: without it, the kernel hangs up.
    terminal.kill('SIGKILL');
    await untilPortIsGone(directory);
    const record = await newestState(join(directory, 'wearer'));
    assert.ok((record?.sampleCount ?? 0) > 0);
  },
);

test('saves and takes its port away when nobody reads what it shows', async (t) => {
  const directory = join(testFolder(t), 'state');
  const args = [cli, 'demo', '--port', String(await freePort()), '--state-directory', directory];
  const demo = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => demo.kill('SIGKILL'));
  demo.stdout.once('data', () => demo.stdout.destroy());
  const [code] = (await once(demo, 'exit')) as [number | null];
  assert.equal(code, 0);
  assert.equal(lstatSync(join(directory, 'tty'), { throwIfNoEntry: false }), undefined);
  assert.ok(((await newestState(join(directory, 'wearer')))?.sampleCount ?? 0) > 0);
});

test('goes on when somebody else publishes to its topics', { timeout: 300_000 }, async (t) => {
  const directory = join(testFolder(t), 'state');
  const port = String(await freePort());
  const args = [cli, 'demo', '--port', port, '--state-directory', directory];
  const demo = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => demo.kill('SIGKILL'));
  const exited = once(demo, 'exit');
  let shown = '';
  demo.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const sample = async (): Promise<void> => {
    shown = '';
    while (!/sample [1-9].*running 0\.\d{3}/.test(shown)) {
      await Promise.race([
        once(demo.stdout, 'data'),
        exited.then(() => assert.fail('the demo has ended')),
      ]);
    }
  };
  await sample();
  const stranger = await connectAsync(`mqtt://127.0.0.1:${port}`);
  for (const topic of ['prediction', 'info', 'event', 'other']) {
    for (const message of [
      'hi',
      'null',
      '[1]',
      '{"p":null,"state":7}',
      '{"seq":1,"p":{"running":1e9}}',
      '{"seq":1,"p":{"running":-1},"state":{"resumed":true,"samples":[]}}',
    ]) {
      await stranger.publishAsync(`lstmd/demo/wearer/${topic}`, message, { qos: 1 });
    }
  }
  await stranger.endAsync();
  await sample();
  demo.kill('SIGINT');
  assert.deepEqual(await exited, [0, null]);
});
