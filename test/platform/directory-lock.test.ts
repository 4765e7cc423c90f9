import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { DirectoryLock } from '#src/platform/directory-lock.js';

describe('directory lock', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lstmd-lock-'));
  });

  afterEach(() => rm(root, { recursive: true }));

  test('lets one in, makes its directory, and refuses the other by the name of the first', async () => {
    const directory = join(root, 'a/b');
    const first = new DirectoryLock();
    await first.acquire(directory);
    await assert.rejects(new DirectoryLock().acquire(`${directory}/../b`), {
      code: 'state.locked',
      message: new RegExp(`in use by process ${process.pid}:`),
    });
    const elsewhere = new DirectoryLock();
    await elsewhere.acquire(root);
    await elsewhere.release();
    await first.release();
    await first.release();
    await first.acquire(directory);
    await first.release();
  });

  test('is free again once its holder was killed, whatever it left behind', async () => {
    const module = import.meta.resolve('#src/platform/directory-lock.js');
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { DirectoryLock } from '${module}';
         await new DirectoryLock().acquire(process.argv[1]);
         console.log('locked');
         setInterval(() => {}, 1000);`,
        root,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    const lock = new DirectoryLock();
    await assert.rejects(lock.acquire(root), {
      message: new RegExp(`in use by process ${child.pid}:`),
    });
    child.kill('SIGKILL');
    await exit;
    await lock.acquire(root);
    await lock.release();
  });

  test('says that there is no directory and none can be made', async () => {
    await writeFile(join(root, 'file'), '');
    await assert.rejects(new DirectoryLock().acquire(join(root, 'file/state')), {
      code: 'state.unreadable',
    });
  });
});
