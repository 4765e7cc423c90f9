import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { configSchema } from '#src/agent/config-schema.js';
import { loadConfig } from '#src/config/load-config.js';
import { runCommand } from '../support/command.js';
import { testFolder } from '../support/daemon.js';
import { cli, projectFile } from '../support/project.js';
import { needsProgram } from '../support/requirement.js';

// The Debian package itself is built, installed and booted by `npm run test:device`.

interface Control {
  readonly controlOf: (manifest: object, architecture: string, installedKiB: number) => string;
  readonly manualPage: (manifest: object, help: string) => string;
}

const debian = (name: string): string => projectFile(`deploy/debian/${name}`);

async function control(): Promise<Control> {
  const file = pathToFileURL(projectFile('scripts/package/deb-control.mjs')).href;
  return (await import(file)) as Control;
}

function manifest(): object {
  return JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as object;
}

test('the configuration of the package is accepted as it is', async () => {
  const { config } = await loadConfig(configSchema, debian('lstmd.yaml'), {});
  assert.equal(config.stateDirectory, '/var/lib/lstmd');
});

test('the package says what it needs, in lines that are no longer than dpkg shows', async () => {
  const text = (await control()).controlOf(manifest(), 'arm64', 8000);
  assert.match(text, /^Architecture: arm64$/m);
  assert.match(text, /^Depends: nodejs \(>= 20\.19\) \| lstmd-node, libc6 \(>= 2\.31\)/m);
  assert.ok(text.split('\n').every((line) => line.length <= 80));
});

test('the manual page has every command', async () => {
  const { stdout: help } = await runCommand(['--help'], { env: { COLUMNS: '200' } });
  const page = (await control()).manualPage(manifest(), help);
  const listed = help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) /gm);
  const names = [...listed].map(([, name = '']) => name).filter((name) => name !== 'help');
  assert.ok(names.length > 12);
  for (const name of names) {
    assert.match(page, new RegExp(`^\\.B lstmd ${name}\\b.*\\n\\S`, 'm'));
  }
});

describe('the maintainer scripts', { skip: needsProgram('dpkg', 'dpkg') }, () => {
  test('refuse to go back to an older version, and take a newer one', (t) => {
    const file = join(testFolder(t), 'preinst');
    writeFileSync(file, readFileSync(debian('preinst'), 'utf8').replaceAll('@VERSION@', '0.2.0'));
    const from = (version: string) =>
      spawnSync('sh', [file, 'upgrade', version], { encoding: 'utf8' });
    const refused = from('0.10.0');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /0\.10\.0 is installed, and 0\.2\.0 may not read the state/);
    assert.equal(from('0.1.0').status, 0);
    assert.equal(from('0.2.0').status, 0);
  });

  test('are shell that is understood', () => {
    for (const name of ['preinst', 'postinst', 'prerm', 'postrm', 'lstmd']) {
      const { status, stderr } = spawnSync('sh', ['-n', debian(name)], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    }
  });
});

test(
  'bash completes commands and the options of each',
  { skip: needsProgram('bash', 'bash') },
  (t) => {
    const folder = testFolder(t);
    mkdirSync(join(folder, 'bin'));
    const program = join(folder, 'bin/lstmd');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
    chmodSync(program, 0o755);
    cpSync(debian('completion'), join(folder, 'completion'));
    const script = `
    PATH="$PWD/bin:$PATH"; . ./completion
    COMP_WORDS=(lstmd ins); COMP_CWORD=1; _lstmd; echo "\${COMPREPLY[@]}"
    COMP_WORDS=(lstmd state show --js); COMP_CWORD=3; _lstmd; echo "\${COMPREPLY[@]}"
    COMP_WORDS=(lstmd run --onc); COMP_CWORD=2; _lstmd; echo "\${COMPREPLY[@]}"
    COMP_WORDS=(lstmd init --systemd); COMP_CWORD=2; _lstmd; echo "\${COMPREPLY[@]}"
    COMP_WORDS=(lstmd ""); COMP_CWORD=1; _lstmd; echo "\${#COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
    const [command, option, trial, dropIn, count] = stdout.split('\n');
    assert.deepEqual(
      [command, option, trial, dropIn],
      ['inspect', '--json', '--once', '--systemd-drop-in'],
      stderr,
    );
    // All commands and "help", in the order of their list.
    assert.ok(Number(count) > 13, stdout);
  },
);
