import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { cli } from '../support/project.js';

/** Starts what follows as systemd does, which names the stream that it has connected to stderr. */
const asService = 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$0" "$@"';

function configOf(t: TestContext): string {
  const folder = testFolder(t);
  return writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/ttyNone' });
}

test('lines for the journal begin with their priority', async (t) => {
  const daemon = new Daemon(t, configOf(t), {}, ['sh', '-c', asService]);
  const { msg: warning } = await daemon.logged(/no connection to the broker/);
  assert.match(warning, /^<4>\{"level":"warn"/);
  const { msg: news } = await daemon.logged(/"running"/);
  assert.match(news, /^<6>\{"level":"info"/);
  assert.equal(await daemon.end(), 0);
});

test('a stderr that is not the journal gets no priorities', async (t) => {
  const daemon = new Daemon(t, configOf(t), { JOURNAL_STREAM: '9:1234' });
  assert.equal((await daemon.logged(/no connection to the broker/)).level, 'warn');
  assert.equal(await daemon.end(), 0);
});

test('why a start failed is an error in the journal, in each of its lines', async () => {
  const stderr = await new Promise<string>((resolve) => {
    const args = ['-c', asService, process.execPath, cli, 'inspect', '/none.keras'];
    execFile('sh', args, (_error, _stdout, text) => resolve(text));
  });
  assert.match(stderr, /^<3>lstmd: .*none\.keras/);
  assert.ok(
    stderr
      .trimEnd()
      .split('\n')
      .every((line) => line.startsWith('<3>')),
    stderr,
  );
});
