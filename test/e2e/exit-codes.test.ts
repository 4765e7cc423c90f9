import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCommand } from '../support/command.js';
import { testFolder, writeConfig } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const model = projectFile('examples/running/running.keras');
const predict = ['predict', model, '--mode', 'continuous', '--input'];

function streamWithoutModel(name: string): string {
  return `  ${name}: { sensor: { link: ${name}, rateHz: 26 }, model: { file: none.keras, mode: continuous } }\n`;
}

describe('a file that is not there', () => {
  for (const args of [
    ['run', '-c', '/none/lstmd.yaml'],
    ['state', 'show', '-c', '/none/lstmd.yaml'],
    ['inspect', '/none/model.keras'],
    ['verify', model, '/none/case.json'],
    [...predict, '/none/rows.csv'],
    [...predict, '-', '--state-in', '/none/state'],
    [...predict, '-', '--state-in', '/none/state.h5'],
    ['simulate', '--output', '-', '--recording', '/none/rows.csv'],
  ]) {
    test(`ends with 66, and is named: lstmd ${args[0]} ${args.at(-2)}`, async () => {
      const { code, stderr } = await runCommand(args);
      assert.match(stderr, /\/none\//);
      assert.equal(code, 66, stderr);
    });
  }

  test('ends with 66 in the configuration as well, in one stream or in several', async (t) => {
    const folder = testFolder(t);
    for (const names of [['a'], ['a', 'b']]) {
      const file = join(folder, 'lstmd.yaml');
      writeFileSync(
        file,
        `mqtt: { url: "mqtt://a" }\nstreams:\n${names.map(streamWithoutModel).join('')}`,
      );
      const { code, stderr } = await runCommand(['run', '--check', '-c', file]);
      assert.equal(code, 66, stderr);
    }
  });
});

describe('a folder where a file should be', () => {
  for (const args of [
    ['run', '-c', '/usr'],
    ['inspect', '/usr'],
    ['verify', model, '/usr'],
    [...predict, '/usr'],
    [...predict, '-', '--state-in', '/usr'],
    ['monitor', 'mqtts://127.0.0.1:1', '--once', '--ca', '/usr'],
  ]) {
    test(`is named: lstmd ${args[0]} ${args.at(-2)}`, async () => {
      const { code, stderr } = await runCommand(args);
      assert.match(stderr, /^lstmd: [^]*\/usr/);
      assert.ok(code !== 0 && code !== 70, stderr);
    });
  }
});

describe('what cannot be written', () => {
  for (const output of ['/none/rows.csv', '/usr', '/dev/full']) {
    test(`is named, and no rows are lost in silence: lstmd simulate --output ${output}`, async () => {
      const { code, stderr } = await runCommand(['simulate', '--rows', '2', '--output', output]);
      assert.ok(stderr.startsWith(`lstmd: cannot write ${output}: `), stderr);
      assert.equal(code, 73);
    });
  }

  for (const option of ['none/a.state', 'none/a.h5', '']) {
    test(`ends with 73 before anything is computed: lstmd predict --state-out ${option}`, async (t) => {
      const file = join(testFolder(t), option);
      const args = [...predict, '-', '--state-out', file];
      const { code, stdout, stderr } = await runCommand(args, { input: '1,2,3\n' });
      assert.ok(stderr.startsWith(`lstmd: ${file} cannot be made: `), stderr);
      assert.deepEqual([code, stdout], [73, '']);
    });
  }

  test('is named where the kernel lets nobody make a folder: lstmd demo', async () => {
    const { code, stderr } = await runCommand(['demo', '--state-directory', '/proc/lstmd']);
    assert.match(stderr, /^lstmd: \/proc is the kernel's own/);
    assert.equal(code, 78);
  });
});

test('LSTMD_SIMD with a name that is none is refused, with those there are', async (t) => {
  const setup = { folder: testFolder(t), brokerUrl: 'mqtt://a', link: '/dev/ttyNone' };
  const { code, stderr } = await runCommand(['run', '--check', '-c', writeConfig(setup)], {
    env: { LSTMD_SIMD: 'axv2' },
  });
  assert.equal(code, 78, stderr);
  assert.match(
    stderr,
    /environment variable LSTMD_SIMD: "axv2" is no SIMD target of this machine, .*scalar/,
  );
});

describe('LSTMD_SIMD with a target that this machine lacks', () => {
  const env = { LSTMD_SIMD: 'avx512vnni' };
  const row = { input: '1,2,3\n' };
  for (const args of [
    ['inspect', model],
    ['doctor'],
    [...predict, '-'],
    [
      'verify',
      projectFile('test/golden/cases/seed-functional-keras/model.keras'),
      projectFile('test/golden/cases/seed-functional-keras/case.json'),
    ],
    ['bench', 'kernel', '--seconds', '0.01'],
  ]) {
    test(`is refused by name: lstmd ${args[0]}`, async () => {
      const { code, stderr } = await runCommand(args, { env, ...row });
      assert.match(stderr, /LSTMD_SIMD: "avx512vnni" is no SIMD target of this machine/);
      assert.equal(code, 78, stderr);
    });
  }
});
