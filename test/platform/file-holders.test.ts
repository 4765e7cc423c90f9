import assert from 'node:assert/strict';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findFileHolders, isSameFile } from '#src/platform/file-holders.js';

test('a file is held by who has it open', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-holders-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'port');
  writeFileSync(file, '');
  const descriptor = openSync(file, 'r');
  t.after(() => closeSync(descriptor));
  const { byFile } = await findFileHolders(new Set([file]));
  assert.deepEqual(byFile.get(file)?.map(({ pid }) => pid), [process.pid]); // oxfmt-ignore
});

test('a file of a container is another one under the same path, and a device the same one', () => {
  const mode = constants.S_IFCHR | 0o660;
  const pty = { dev: 24, ino: 6, rdev: 0x8803, mode };
  assert.ok(isSameFile(pty, { ...pty }));
  assert.ok(!isSameFile(pty, { ...pty, dev: 99 }));
  const port = { dev: 5, ino: 200, rdev: 0xbc00, mode };
  assert.ok(isSameFile(port, { ...port, dev: 99, ino: 3 }));
  assert.ok(!isSameFile(port, { ...port, rdev: 0xbc01 }));
  const file = { dev: 5, ino: 200, rdev: 0, mode: constants.S_IFREG };
  assert.ok(!isSameFile(file, { ...file, dev: 99 }));
});
