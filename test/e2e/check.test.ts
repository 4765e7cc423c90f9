import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { runCommand } from '../support/command.js';
import { environment, testFolder, writeConfig, type Exit } from '../support/daemon.js';
import { cli } from '../support/project.js';
import { TestPty } from '../support/pty.js';

async function check(
  t: TestContext,
  link: string,
  edit = (_folder: string): void => {},
): Promise<Exit> {
  const folder = testFolder(t);
  const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link });
  edit(folder);
  return runCommand(['run', '--check', '-c', config]);
}

describe('lstmd run --check', () => {
  test('says that it can run where the port is not there yet', async (t) => {
    const { code, stderr } = await check(t, '/dev/ttyNone');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /can run/);
  });

  test('refuses a port that is a folder or a file', async (t) => {
    for (const [link, kind] of [
      ['/dev', 'a folder'],
      ['/etc/hostname', 'not a serial port'],
    ] as const) {
      const { code, stderr } = await check(t, link);
      assert.equal(code, 78, stderr);
      assert.match(stderr, new RegExp(`wearer\\.sensor\\.link: ${link} is ${kind}: name the tty`));
    }
  });

  test('refuses a state directory that is a file, or below one', async (t) => {
    const { code, stderr } = await check(t, '/dev/ttyNone', (folder) =>
      writeFileSync(join(folder, 'state'), ''),
    );
    assert.equal(code, 78, stderr);
    assert.match(stderr, /stateDirectory: .*state is not a folder/);
  });

  test("refuses a state directory in the kernel's own file systems", async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/ttyNone' });
    for (const directory of ['/proc/lstmd', '/sys/lstmd']) {
      const text = readFileSync(config, 'utf8').replace(
        /stateDirectory: .*/,
        `stateDirectory: ${directory}`,
      );
      writeFileSync(config, text);
      const { code, stderr } = await runCommand(['run', '--check', '-c', config]);
      assert.equal(code, 78, stderr);
      // Whoever is not root is told that it may not write there.
      assert.match(stderr, /stateDirectory: .*(the kernel's own|permission denied)/);
    }
  });

  test('refuses a state directory that belongs to another user, as run does', async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/ttyNone' });
    // Whoever is not root gives the directory to nobody, but finds one of root's.
    const isRoot = process.getuid?.() === 0;
    const directory = isRoot ? join(folder, 'state') : '/usr';
    if (isRoot) {
      mkdirSync(directory, { mode: 0o700 });
      chmodSync(folder, 0o755);
    } else {
      writeFileSync(config, readFileSync(config, 'utf8').replace(`${folder}/state`, directory));
    }
    const ids = isRoot ? { uid: 65_534, gid: 65_534 } : {};
    const started = (...args: string[]) =>
      spawnSync(process.execPath, [cli, 'run', ...args, '-c', config], {
        ...ids,
        encoding: 'utf8',
        env: environment({ HOME: '/' }),
      });
    const checked = started('--check');
    assert.equal(checked.status, 78, checked.stderr);
    assert.match(checked.stderr, /stateDirectory: .*: chown it, or name another/);
    if (isRoot) {
      chownSync(directory, 12_345, 12_345);
      chmodSync(directory, 0o755);
    }
    const run = started();
    assert.equal(run.status, 78, run.stderr);
    assert.match(run.stderr, /the state directory .* cannot be used: /);
    if (isRoot) {
      assert.match(run.stderr, /belongs to the user 12345, and lstmd runs as 65534: "chown 65534 /);
      chmodSync(directory, 0o777);
      assert.match(started('--check').stderr, /belongs to the user 12345, and lstmd runs as 65534/);
    }
  });

  test('refuses one port under two names', async (t) => {
    const pty = new TestPty(t);
    pty.port.plug();
    const folder = testFolder(t);
    const other = join(folder, 'other');
    symlinkSync(pty.path, other);
    const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: pty.path });
    const text = readFileSync(config, 'utf8');
    const [, stream = ''] = text.split('  wearer:\n');
    writeFileSync(config, `${text}  second:\n${stream.replace(pty.path, other)}`);
    mkdirSync(join(folder, 'state'));
    const { code, stderr } = await runCommand(['run', '--check', '-c', config]);
    assert.equal(code, 78, stderr);
    assert.match(stderr, /second\.sensor\.link: .*other is .*, which stream wearer reads already/);
  });
});
