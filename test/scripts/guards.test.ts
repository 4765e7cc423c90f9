import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isObject } from '#src/base/json.js';
import { projectFile } from '../support/project.js';

/** The guards of `npm run test:guards`, each as it came. */
async function readGuards(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const guards: unknown = await import(projectFile('scripts/guards/guards.mjs'));
  assert.ok(isObject(guards) && Array.isArray(guards['guards']));
  return guards['guards'].filter(isObject);
}

test('each guard that can be taken out stands once in its file, and has its file of tests', async () => {
  const guards = await readGuards();
  assert.ok(guards.length > 100);
  const faults = guards.flatMap(({ guard, file, from, tests }) => {
    const source = readFileSync(projectFile(String(file)), 'utf8');
    assert.ok(from instanceof RegExp);
    const places = source.match(new RegExp(from, `${from.flags.replace('g', '')}g`))?.length ?? 0;
    // One with the flag g is taken out wherever it stands.
    const isFound = from.global ? places > 0 : places === 1;
    return isFound && existsSync(projectFile(String(tests)))
      ? []
      : [`${String(guard)}: ${places} places in ${String(file)}, tests in ${String(tests)}`];
  });
  assert.deepEqual(faults, []);
});

test('no two guards have the same name', async () => {
  const names = (await readGuards()).map(({ guard }) => guard);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});
