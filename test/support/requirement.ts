import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { projectFile } from './project.js';

/**
 * `skip` option of a test that needs a program: false where the program is, else the reason. With
 * LSTMD_REQUIRE_ALL the test runs and fails instead.
 *
 * @param program a name on the PATH or an absolute path
 * @param debianPackage what brings it
 */
export function needsProgram(program: string, debianPackage: string): string | false {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  return found || mustRun() ? false : `needs ${program}: apt-get install ${debianPackage}`;
}

/**
 * Ends a test that finds while it runs that it cannot: skipped with the reason, or failed with it
 * where LSTMD_REQUIRE_ALL is set. The caller returns after it.
 */
export function skipUnlessRequired(t: TestContext, reason: string): void {
  assert.ok(!mustRun(), `${reason} (LSTMD_REQUIRE_ALL is set)`);
  t.skip(reason);
}

/**
 * The folder beside the checkout for recordings and models of others, in its `data/`. Their licences
 * are their owners', so the project does not hold them.
 */
export const sharedFolder = projectFile('../shared');

/**
 * `skip` option of a test on recordings or models of others. It is the one requirement that
 * LSTMD_REQUIRE_ALL does not demand: whoever clones the project cannot have them.
 */
export function needsShared(): string | false {
  return existsSync(sharedFolder)
    ? false
    : 'needs ../shared/data: recordings and models of others, which are no part of the project';
}

function mustRun(): boolean {
  return process.env['LSTMD_REQUIRE_ALL'] === '1';
}
