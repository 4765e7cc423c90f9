import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { needsShared } from '../support/shared-data.js';

/** Runs a test that cannot run for want of a program, and one that could, with a value of LSTMD_REQUIRE_ALL. */
function runWith(required: string): { status: number | null; stdout: string } {
  const script = `
    import { test } from 'node:test';
    import { needsProgram } from ${JSON.stringify(import.meta.resolve('../support/requirement.js'))};
    // It stands for a test that would hang without its program, so that to begin it is a fault which cannot be missed.
    const endless = () => new Promise((resolve) => setTimeout(resolve, 3_600_000));
    test('of a program', { skip: needsProgram('lstmd-no-such-program', 'its-package') }, endless);
    test('of the same', { skip: needsProgram('lstmd-no-such-program', 'its-package') }, endless);
    test('of a shell', { skip: needsProgram('sh', 'dash') }, () => {});`;
  const args = ['--test-reporter=tap', '--input-type=module', '-e', script];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...env, LSTMD_REQUIRE_ALL: required },
  });
}

describe('what a test needs', () => {
  for (const required of ['1', 'true']) {
    test(`fails at once in words where LSTMD_REQUIRE_ALL is ${required}`, () => {
      const { status, stdout } = runWith(required);
      assert.equal(status, 1);
      const failed = stdout.match(/^not ok .*$/gm) ?? [];
      assert.ok(failed[0] !== undefined && failed.length === 1, stdout);
      assert.match(
        failed[0],
        /needs lstmd-no-such-program: apt-get install its-package \(LSTMD_REQUIRE_ALL is set\)/,
      );
      assert.match(stdout, /^ok \d+ - of a shell$/m);
    });
  }

  for (const required of ['', '0']) {
    test(`skips where LSTMD_REQUIRE_ALL is "${required}"`, () => {
      const { status, stdout } = runWith(required);
      assert.equal(status, 0, stdout);
      const skip = /SKIP needs lstmd-no-such-program: apt-get install its-package$/gm;
      assert.equal(stdout.match(skip)?.length, 2, stdout);
    });
  }

  test('of the recordings of others is the very file, whatever else lies there', () => {
    const name = 'lstmd-no-such-recording/1.csv';
    assert.match(String(needsShared(name)), new RegExp(`^needs ../shared/data/${name}: `));
  });
});
