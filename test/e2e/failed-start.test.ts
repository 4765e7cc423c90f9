import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { environment, testFolder, writeConfig } from '../support/daemon.js';
import { cli, projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';

test(
  'a start that fails ends the process, also where systemd waits and no addon is there',
  { timeout: 300_000 },
  async (t) => {
    const folder = testFolder(t);
    // An installation whose addon was never built.
    cpSync(dirname(cli), join(folder, 'program'), { recursive: true });
    for (const name of ['node_modules', 'package.json']) {
      symlinkSync(projectFile(name), join(folder, name));
    }
    const pty = new TestPty(t);
    pty.port.plug();
    const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: pty.path });
    const program = join(folder, 'program', basename(cli));
    const child = spawn(process.execPath, [program, 'run', '-c', config], {
      stdio: ['ignore', 'inherit', 'pipe'],
      env: environment({ NOTIFY_SOCKET: join(folder, 'notify') }),
    });
    t.after(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 69, stderr);
    assert.match(
      stderr,
      /the native addon is not installed .*npm install \.\/lstmd-linux-\w+-[\d.]+\.tgz/,
    );
  },
);
