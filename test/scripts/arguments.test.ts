import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { projectFile } from '../support/project.js';

/** A script with an argument that it does not know, and what it says is known. */
const scripts: Readonly<Record<string, readonly [string, RegExp]>> = {
  'test-guards': ['no such guard', /--list prints the names/],
  'build-native': ['--no-such', /the options are --test, --test-arm,/],
  fuzz: ['--only=no-such', /known are csv, slots,/],
  generate: ['no-such', /the options are --help$/m],
  lint: ['--no-such', /the options are --fix, --help$/m],
  'lint-native': ['--no-such', /the options are --help$/m],
  setup: ['--no-such', /the options are --no-addon, --help$/m],
  'test-tfjs-node': ['--no-such', /the options are --help$/m],
  'device/test-all': ['no-such', /known are packages, arm-deb,/],
  'device/test-debian': ['--suite=no-such', /known are bookworm/],
  'device/test-words': ['--suite', /the options are --suite, --help$/m],
  'device/test-packages': ['--node=1', /known are 20, 22,/],
  'cluster/test-cluster': ['no-such', /known are nats, rabbitmq$/m],
  'cluster/measure-fleet': ['--no-such', /the options are --devices,/],
  'package/deb': ['--arch=no-such', /known are x64, arm64$/m],
  'package/addons': ['--no-such', /the options are --root, --arch, --help$/m],
};

function run(name: string, argument: string): { code: number | null; out: string; err: string } {
  const script = projectFile(`scripts/${name}.mjs`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, argument], {
    encoding: 'utf8',
    // A script that took the argument for a good one would begin to build: without a program on its PATH it cannot.
    env: { ...process.env, PATH: projectFile('build/no-such-folder') },
  });
  return { code: status, out: stdout, err: stderr };
}

describe('the arguments of scripts', () => {
  for (const [name, [unknown, known]] of Object.entries(scripts)) {
    test(`${name} refuses ${unknown} with what is known`, () => {
      const refused = run(name, unknown);
      assert.deepEqual([refused.code, refused.out], [64, ''], refused.err);
      assert.match(refused.err, known);
      assert.match(refused.err, /^lstmd: .*\n$/);
    });
  }

  for (const name of ['test', 'test-guards', 'device/test-all', 'package/addons']) {
    test(`${name} has help`, () => {
      const { code, out, err } = run(name, '--help');
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, /^(sudo )?npm .*\n\n[A-Z]/);
    });
  }
});
