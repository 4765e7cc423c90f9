import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lchown,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { DirectoryLock } from '#src/platform/directory-lock.js';
import { needsProgram, needsRoot } from '../support/requirement.js';

const directoryLock = (): DirectoryLock => new DirectoryLock((reason) => assert.fail(reason));

describe('directory lock', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lstmd-lock-'));
  });

  afterEach(() => rm(root, { recursive: true }));

  test('lets one in, makes its directory, and refuses the other by the name of the first', async () => {
    const directory = join(root, 'a/b');
    const first = directoryLock();
    await first.acquire(directory);
    await assert.rejects(directoryLock().acquire(`${directory}/../b`), {
      code: 'state.locked',
      message: new RegExp(`in use by process ${process.pid}:`),
    });
    const elsewhere = directoryLock();
    await elsewhere.acquire(root);
    elsewhere.release();
    first.release();
    first.release();
    await first.acquire(directory);
    first.release();
  });

  test('is free again once its holder was killed, whatever it left behind', async () => {
    const module = import.meta.resolve('#src/platform/directory-lock.js');
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { DirectoryLock } from '${module}';
         await new DirectoryLock(() => {}).acquire(process.argv[1]);
         console.log('locked');
         setInterval(() => {}, 1000);`,
        root,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    const lock = directoryLock();
    await assert.rejects(lock.acquire(root), {
      message: new RegExp(`in use by process ${child.pid}:`),
    });
    child.kill('SIGKILL');
    await exit;
    await lock.acquire(root);
    lock.release();
  });

  test('says that there is no directory and none can be made', async () => {
    await writeFile(join(root, 'file'), '');
    await assert.rejects(directoryLock().acquire(join(root, 'file/state')), {
      code: 'state.unusable',
    });
  });

  test('does not follow a link in place of its file, and leaves what it leads to alone', async () => {
    await writeFile(join(root, 'mine'), 'precious');
    await mkdir(join(root, 'state'));
    await symlink(join(root, 'mine'), join(root, 'state/.lock'));
    await assert.rejects(directoryLock().acquire(join(root, 'state')), {
      code: 'state.unusable',
      message: /state\/\.lock is a symbolic link, .* remove it$/,
    });
    assert.equal(await readFile(join(root, 'mine'), 'utf8'), 'precious');
  });

  test('refuses a folder in it that is a link by its name, and not a link to a port', async () => {
    const directory = join(root, 'state');
    await mkdir(directory, { mode: 0o700 });
    await symlink('/dev/null', join(directory, 'tty'));
    await symlink(join(root, 'gone'), join(directory, 'dangling'));
    const lock = directoryLock();
    await lock.acquire(directory);
    lock.release();
    await symlink(root, join(directory, 'outbox'));
    await assert.rejects(directoryLock().acquire(directory), {
      code: 'state.unusable',
      message: /state\/outbox is a symbolic link to a folder, .*mount --bind/,
    });
  });

  test(
    'holds over network namespaces',
    { skip: needsProgram('unshare', 'util-linux') },
    async () => {
      const lock = directoryLock();
      await lock.acquire(root);
      const module = import.meta.resolve('#src/platform/directory-lock.js');
      const { status, stderr } = spawnSync(
        'unshare',
        [
          '--user',
          '--map-root-user',
          '--net',
          process.execPath,
          '--input-type=module',
          '-e',
          `import { DirectoryLock } from '${module}';
         await new DirectoryLock(() => {}).acquire(process.argv[1]);`,
          root,
        ],
        { encoding: 'utf8' },
      );
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(`in use by process ${process.pid}:`));
      lock.release();
    },
  );

  for (const mode of [0o775, 0o757, 0o1777]) {
    test(`refuses a directory of mode ${mode.toString(8)}, and says the way out`, async () => {
      await chmod(root, mode);
      await assert.rejects(directoryLock().acquire(root), {
        code: 'state.unusable',
        message: new RegExp(`chmod go-w ${root}`),
      });
      await chmod(root, 0o755);
      const lock = directoryLock();
      await lock.acquire(root);
      lock.release();
    });
  }

  test(
    'refuses the directory of another user, and says the way out',
    { skip: needsRoot('to give a directory away') },
    async () => {
      await chown(root, 12_345, 12_345);
      await assert.rejects(directoryLock().acquire(root), {
        code: 'state.unusable',
        message: /belongs to the user 12345, and lstmd runs as 0: "chown 0 /,
      });
    },
  );

  test(
    'follows a symbolic link of its own user, and no one of another on the way',
    { skip: needsRoot('to give a link away') },
    async () => {
      const folder = join(root, 'disk');
      const link = join(root, 'link');
      await mkdir(folder, { mode: 0o700 });
      await symlink(folder, link);
      const lock = directoryLock();
      await lock.acquire(link);
      lock.release();
      await lchown(link, 12_345, 12_345);
      for (const directory of [link, join(link, 'state')]) {
        await assert.rejects(directoryLock().acquire(directory), {
          code: 'state.unusable',
          message:
            /link is a symbolic link of the user 12345, .*name the folder itself, or "chown -h 0 /,
        });
      }
    },
  );

  test('says at once that no directory can be made in /proc', { timeout: 10_000 }, async () => {
    await assert.rejects(directoryLock().acquire('/proc/lstmd/state'), {
      code: 'state.unusable',
      message: /the kernel's own|permission denied/,
    });
  });
});
