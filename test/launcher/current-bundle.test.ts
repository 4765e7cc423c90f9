import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { currentBundle } from '#src/launcher/current-bundle.js';
import { testFolder } from '../support/daemon.js';

test('the bundle of a clone is taken where it is newer than what the compiler has made', (t) => {
  const folder = testFolder(t);
  const root = pathToFileURL(`${folder}/`);
  const write = (path: string, seconds: number): void => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    utimesSync(file, seconds, seconds);
  };
  write('bundle/program.cjs', 100);
  assert.equal(currentBundle(root), undefined, 'nothing says what it is newer than');
  write('build/.tsbuildinfo-src', 99);
  assert.equal(currentBundle(root), join(folder, 'bundle/cli.cjs'));
  write('package-lock.json', 101);
  assert.equal(currentBundle(root), undefined, 'it has older packages inside');
  write('package-lock.json', 98);
  write('build/.tsbuildinfo-numeric', 101);
  assert.equal(currentBundle(root), undefined);
  write('build/.tsbuildinfo-numeric', 98);
  write('build/.tsbuildinfo-src', 101);
  assert.equal(currentBundle(root), undefined);
});
