import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { projectFile } from '../support/project.js';

interface Groups {
  readonly groupTestFiles: (
    paths: readonly string[],
  ) => readonly { readonly file: string; readonly sources: readonly string[] }[];
}

const { groupTestFiles } = (await import(projectFile('scripts/test-groups.mjs'))) as Groups;

const small = [
  'test/base/float-text.test.ts',
  'test/base/repeated-line.test.ts',
  'test/evaluation/curves.test.ts',
  'test/evaluation/series-sketch.test.ts',
];

test('small files of a room share a process, and those that use it do not', () => {
  const alone = ['test/commands/simulate/fleet.test.ts', 'test/scripts/stages.test.ts'];
  const processes = groupTestFiles([...small, ...alone]);
  assert.deepEqual(
    processes.map(({ sources }) => sources),
    [small.slice(0, 2), small.slice(2), ...alone.map((path) => [path])],
  );
});

test('a run leaves the groups of another as they were', () => {
  const groups = groupTestFiles(small);
  groupTestFiles(small.toReversed());
  groupTestFiles(small.slice(0, 2));
  for (const { file, sources } of groups) {
    assert.ok(existsSync(file), file);
    const imported = [...readFileSync(file, 'utf8').matchAll(/^import '(.*)\.js';$/gm)];
    assert.deepEqual(
      imported.map(([, path = '']) => basename(path)),
      sources.map((path) => basename(path, '.ts')),
    );
  }
});
