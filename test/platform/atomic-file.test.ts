import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fileToReplace, replaceFile } from '#src/platform/atomic-file.js';
import { FaultyFileSystem, systemError } from '../support/faulty-file-system.js';

function fileIn(t: TestContext): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-atomic-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { folder, path: join(folder, 'file') };
}

describe('replaceFile', () => {
  test('makes a file for its owner only, or with the mode that is asked for', async (t) => {
    const { folder, path } = fileIn(t);
    await replaceFile(path, Buffer.from('new'));
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await replaceFile(join(folder, 'other'), Buffer.from('new'), { mode: 0o640 });
    assert.equal(statSync(join(folder, 'other')).mode & 0o777, 0o640 & ~process.umask());
  });

  test('syncs the bytes before their name, and the name before it returns', async (t) => {
    const { path } = fileIn(t);
    const fileSystem = new FaultyFileSystem();
    await replaceFile(path, Buffer.from('new'), { fileSystem });
    const calls = fileSystem.calls.map((call) => call.split(' ')[0]);
    const [write, sync, rename, syncDirectory] = ['write', 'sync', 'rename', 'syncDirectory'].map(
      (call) => calls.indexOf(call),
    );
    assert.deepEqual(
      [sync, rename, syncDirectory],
      [1, 2, 3].map((n) => (write ?? -1) + n),
    );
  });

  test('leaves the old file and nothing beside it when a call fails', async (t) => {
    const { folder, path } = fileIn(t);
    writeFileSync(path, 'old');
    for (const failing of ['write', 'sync', 'rename']) {
      const fileSystem = new FaultyFileSystem();
      fileSystem.fault = (call) => {
        if (call.startsWith(failing)) {
          throw systemError('ENOSPC');
        }
      };
      await assert.rejects(replaceFile(path, Buffer.from('new'), { fileSystem }), {
        code: 'ENOSPC',
      });
      assert.equal(readFileSync(path, 'utf8'), 'old');
      assert.deepEqual(readdirSync(folder), ['file'], failing);
    }
  });
});

test('a file that a user names is what its link leads to, and never a device or a pipe', async (t) => {
  const { folder, path } = fileIn(t);
  assert.equal(await fileToReplace(path), path);
  writeFileSync(path, 'old');
  const link = join(folder, 'link');
  symlinkSync('file', link);
  assert.equal(await fileToReplace(link), realpathSync(path));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const [other, what] of [
    [pipe, /a device or a pipe, not a file/],
    ['/dev/null', /a device or a pipe, not a file/],
    [folder, /a folder, not a file/],
  ] as const) {
    await assert.rejects(fileToReplace(other), { message: what });
  }
});
