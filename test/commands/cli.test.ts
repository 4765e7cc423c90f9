import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCommand } from '../support/command.js';
import {
  environment,
  runCli,
  runCliUntilRead,
  testFolder,
  writeConfig,
} from '../support/daemon.js';
import { cli, projectFile } from '../support/project.js';

const model = projectFile('examples/running/running.keras');

async function predict(rows: readonly string[], ...options: string[]): Promise<string> {
  const args = ['predict', model, '--mode', 'continuous', '--scale', '0.001', '--input', '-'];
  const { code, stdout, stderr } = await runCommand([...args, ...options], {
    input: `${rows.join('\n')}\n`,
  });
  assert.equal(code, 0, stderr);
  return stdout;
}

function* endlessRows(): Generator<string> {
  for (;;) {
    yield '0.1,0.2,0.9\n';
  }
}

test('more than a pipe holds comes through it whole', () => {
  const args = ['-c', '"$@" | cat', 'sh', process.execPath, cli, 'run', '--schema'];
  const { stdout } = spawnSync('sh', args, { encoding: 'utf8', env: environment() });
  assert.equal(stdout, readFileSync(projectFile('deploy/lstmd.schema.json'), 'utf8'));
});

test('what a slow pipe has not taken yet is written before the end', (t) => {
  const rows = join(testFolder(t), 'rows.csv');
  writeFileSync(rows, `${'100,200,900\n'.repeat(9000)}damaged\n`);
  // It reads byte by byte, so that the pipe is full while the program ends.
  const shell = '"$@" | dd bs=1 status=none';
  const predicting = ['predict', model, '--mode', 'continuous', '--input', rows];
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', shell, 'sh', process.execPath, cli, ...predicting],
    {
      encoding: 'utf8',
      env: environment(),
    },
  );
  assert.equal(stdout.split('\n').length, 9001, stdout.slice(-100));
  assert.match(stderr, /rows\.csv, line 9001: /);
});

describe('lstmd predict', () => {
  const rows = '100,200,900\n-12,  334; 5\n';

  test('prints one JSON array a sample', async () => {
    const { code, stdout } = await runCommand(
      ['predict', model, '--mode', 'continuous', '--scale', '0.001', '--input', '-'],
      { input: 'x,y,z\n100,200,900\n[120, 210, 880]\n  90,  190,  910,\r\n' },
    );
    assert.equal(code, 0);
    const outputs = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as number[]);
    assert.equal(outputs.length, 3);
    assert.ok(outputs.every(([p = -1]) => p > 0 && p < 1));
  });

  test('names the line of a row that is none, and prints nothing for it', async () => {
    const { code, stderr } = await runCli(
      ['predict', model, '--mode', 'continuous', '--input', '-'],
      { input: rows },
    );
    assert.equal(code, 65);
    assert.match(stderr, /stdin, line 2: /);
  });

  test('gives the same bits when the rows come in two runs with the state between', async (t) => {
    const folder = testFolder(t);
    const lines = Array.from({ length: 60 }, (_, n) => `${n * 7},${1000 - n},${n % 9}`);
    const whole = await predict(lines);
    for (const name of ['half.state', 'half.h5']) {
      const file = join(folder, name);
      const joined =
        (await predict(lines.slice(0, 30), '--state-out', file)) +
        (await predict(lines.slice(30), '--state-in', file));
      assert.equal(joined, whole, name);
    }
  });

  test('never goes on from a state that other constants led to', async (t) => {
    const file = join(testFolder(t), 'kept.state');
    const twoInputs = projectFile('test/golden/cases/two-inputs/model.keras');
    const run = (machine: number, option: string): ReturnType<typeof runCommand> =>
      runCommand(
        `predict ${twoInputs} --mode continuous --input - ${option} ${file} --constant machine=${machine}`.split(
          ' ',
        ),
        { input: '1,2,3,4,5,6\n' },
      );
    assert.equal((await run(3, '--state-out')).code, 0);
    assert.equal((await run(3, '--state-in')).code, 0);
    const { code, stderr } = await run(2, '--state-in');
    assert.notEqual(code, 0);
    assert.match(stderr, /of another mode, window or stride, or of other inputs or constants/);
  });

  test('refuses a mode that is not exact, naming those that are', async () => {
    const { code, stderr } = await runCommand([
      'predict',
      model,
      '--mode',
      'sliding',
      '--input',
      '-',
    ]);
    assert.equal(code, 65);
    assert.match(stderr, /any number of steps/);
    assert.match(stderr, /exact: continuous/);
  });

  test('refuses a Lambda layer by name', async () => {
    const file = projectFile('test/golden/cases/refuse-lambda/model.keras');
    const { code, stderr } = await runCommand(['inspect', file]);
    assert.equal(code, 65);
    assert.match(stderr, /"doubler" \(Lambda\)/);
  });
});

describe('lstmd inspect', () => {
  test('prints what scripts need as JSON', async () => {
    const { code, stdout } = await runCommand(['inspect', model, '--json']);
    assert.equal(code, 0);
    const plan = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(plan['features'], 3);
    assert.equal(plan['parameters'], 7761);
  });

  test('says in a sentence that the disk under its output is full, as other commands do', () => {
    for (const args of [
      ['inspect', model],
      ['run', '--schema'],
      ['simulate', '--output', '-', '--rows', '1000', '--speed', 'max'],
    ]) {
      const full = openSync('/dev/full', 'w');
      const child = spawnSync(process.execPath, [cli, ...args], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
        env: environment(),
      });
      closeSync(full);
      assert.equal(child.status, 73, args.join(' '));
      assert.match(
        child.stderr,
        /^lstmd: the output ends before its time, .*no space left on device[^\n]*\n$/,
      );
    }
  });
});

describe('lstmd run --check', () => {
  test('accepts what can run and says with what', async (t) => {
    const folder = testFolder(t);
    const file = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1', link: join(folder, 'tty') });
    const { code, stderr } = await runCommand(['run', '--check', '-c', file]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /wearer: .* continuous, native/);
  });

  test('ends with 78 and every fault', async (t) => {
    const file = join(testFolder(t), 'lstmd.yaml');
    writeFileSync(
      file,
      'device: a/b\nmqtt: { url: x }\nstreams: { s: { sensor: {}, model: {} } }\n',
    );
    const { code, stderr } = await runCommand(['run', '--check', '-c', file]);
    assert.equal(code, 78);
    assert.match(stderr, /has 6 faults/);
  });

  test('names the stream whose model does not fit its axes', async (t) => {
    const folder = testFolder(t);
    const file = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1', link: join(folder, 'tty') });
    const { code, stderr } = await runCommand(['run', '--check', '-c', file], {
      env: { LSTMD_STREAMS_WEARER_SENSOR_AXES: '[x, y]' },
    });
    assert.equal(code, 78);
    assert.match(
      stderr,
      /streams\.wearer\.sensor\.axes: the model takes 3 features a sample, but sensor\.axes names 2/,
    );
  });
});

describe('lstmd', () => {
  test('teaches its commands', async () => {
    const { code, stdout } = await runCommand(['--help']);
    assert.equal(code, 0);
    for (const command of ['run', 'demo', 'predict', 'inspect', 'simulate', 'state']) {
      assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    }
  });

  test('refuses a time that no timer takes', async () => {
    const { code, stderr } = await runCli(['demo', '--seconds', '3000000']);
    assert.equal(code, 64);
    assert.match(stderr, /--seconds.*not more than 2147483/);
  });

  test('ends with 64 on a command that is none', async () => {
    const { code, stderr } = await runCli(['prdict']);
    assert.equal(code, 64);
    assert.match(stderr, /did you mean predict\?/i);
  });

  for (const { command, input } of [
    { command: ['simulate', '--output', '-'] },
    {
      command: ['predict', model, '--mode', 'continuous', '--input', '-'],
      input: endlessRows(),
    },
  ]) {
    test(`ends quietly when the reader of what ${command[0]} writes has gone`, async () => {
      const { code, stderr } = await runCliUntilRead(command, input);
      assert.equal(stderr, '');
      assert.equal(code, 0);
    });
  }
});
