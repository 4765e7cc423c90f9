import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { StateStore } from '#src/state/state-store.js';
import { runCommand } from '../support/command.js';
import { testFolder, writeConfig } from '../support/daemon.js';
import { silentLog } from '../support/silent-log.js';

async function saveState(directory: string, learnt: object): Promise<void> {
  const store = new StateStore({
    directory,
    stream: 'wearer',
    modelSha256: '00'.repeat(32),
    layoutHash: '11'.repeat(32),
    stateSize: 3,
    maxAgeSeconds: 600,
    log: silentLog,
  });
  await store.load();
  await store.save(Float32Array.of(1, 2, 3), 7);
  await store.saveLearnt(learnt);
  await store.close();
}

describe('lstmd state', () => {
  test('says before the first run that nothing is saved yet', async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1', link: '/dev/null' });
    const [shown, json, reset, exported, unnamed] = await Promise.all([
      runCommand(['state', 'show', '-c', config]),
      runCommand(['state', 'show', 'wearer', '--json', '-c', config]),
      runCommand(['state', 'reset', 'wearer', '-c', config]),
      runCommand(['state', 'export', 'wearer', join(folder, 'out.state'), '-c', config]),
      runCommand(['state', 'show', '--state-directory', join(folder, 'state')]),
    ]);
    assert.deepEqual(
      [shown, json, reset, exported, unnamed].map(({ code }) => code),
      [0, 0, 0, 66, 66],
    );
    assert.match(shown.stderr, /^nothing is saved in .*\/state yet\n$/);
    assert.deepEqual([shown.stdout, json.stdout], ['', '[]\n']);
    assert.match(reset.stderr, /^nothing of stream wearer is saved in .*\/state yet\n$/);
    assert.match(exported.stderr, /nothing to export: nothing of stream wearer is saved/);
    assert.match(unnamed.stderr, /no state directory: .*; name it with --config/);
  });

  test('shows what was learnt from a stream, and takes no other folder for one', async (t) => {
    const folder = testFolder(t);
    const state = join(folder, 'state');
    mkdirSync(join(state, 'outbox'), { recursive: true, mode: 0o700 });
    await saveState(join(state, 'wearer'), { header: 'z,y,x' });
    const shown = await runCommand(['state', 'show', '--state-directory', state]);
    assert.match(
      shown.stdout,
      /^wearer {3}older .*\nwearer {3}newest .*learnt \{"header":"z,y,x"\}/,
    );
    const reset = await runCommand(['state', 'reset', '--state-directory', state]);
    assert.equal(reset.stderr, 'wearer: forgotten\n');
    const again = await runCommand(['state', 'reset', '--state-directory', state]);
    assert.match(again.stderr, /^nothing is saved in /);
  });
});
