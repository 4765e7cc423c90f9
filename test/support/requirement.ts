import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';

/**
 * `skip` option of a test that needs a program: false where the program is, else the reason. With
 * LSTMD_REQUIRE_ALL a test fails that has the reason as its name.
 *
 * @param program a name on the PATH or an absolute path
 * @param debianPackage what brings it
 */
export function needsProgram(program: string, debianPackage: string): string | false {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  return found ? false : unmet(`needs ${program}: apt-get install ${debianPackage}`);
}

/**
 * `skip` option of a test that only root can run, as {@link needsProgram} has it.
 *
 * @param purpose what it needs the rights for, as in `to give a directory away`
 */
export function needsRoot(purpose: string): string | false {
  return process.geteuid?.() === 0 ? false : unmet(`needs to be root, ${purpose}: sudo npm test`);
}

/**
 * Ends a test that finds while it runs that it cannot: skipped with the reason, or failed with it
 * where LSTMD_REQUIRE_ALL is set. The caller returns after it.
 */
export function skipUnlessRequired(t: TestContext, reason: string): void {
  assert.ok(!mustRun(), required(reason));
  t.skip(reason);
}

const told = new Set<string>();

/** Returns a reason to skip. Where nothing may be skipped, it fails as well, once for all tests of the file. */
function unmet(reason: string): string {
  if (mustRun() && !told.has(reason)) {
    told.add(reason);
    test(required(reason), () => assert.fail(required(reason)));
  }
  return reason;
}

const required = (reason: string): string => `${reason} (LSTMD_REQUIRE_ALL is set)`;

/** True for every value but an empty one and 0, as in scripts/test.mjs. */
function mustRun(): boolean {
  return !['', '0'].includes(process.env['LSTMD_REQUIRE_ALL'] ?? '');
}
