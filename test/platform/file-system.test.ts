import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeFileSystem } from '#src/platform/file-system.js';
import { testFolder } from '../support/daemon.js';

test('a file is removed, and one that somebody else removed is no error', async (t) => {
  const path = join(testFolder(t), 'file');
  writeFileSync(path, '');
  await nodeFileSystem.remove(path);
  assert.ok(!existsSync(path));
  await nodeFileSystem.remove(path);
});
