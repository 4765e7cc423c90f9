import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
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

/** Runs `keep_code` in a folder that it returns, with programs of ours in the place of others. */
function keepCode(t: TestContext, programs: Readonly<Record<string, string>>) {
  const folder = testFolder(t);
  for (const name of ['bin', 'lib/bundle', 'tmp']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}`, { mode: 0o755 });
  }
  const script = join(folder, 'postinst');
  const text = readFileSync(debian('postinst'), 'utf8');
  writeFileSync(script, text.replaceAll('/usr/lib/lstmd', join(folder, 'lib')));
  spawnSync('sh', ['-c', '. "$0"; keep_code || true', script], {
    cwd: folder,
    env: {
      PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`,
      TMPDIR: join(folder, 'tmp'),
      LSTMD_MQTT_URL: 'mqtt://another',
      NODE_OPTIONS: '--no-opt',
    },
  });
  return folder;
}

/** A program that tells of its starts in a folder, and keeps code as lstmd does. */
const standIn = (folder: string): string => `
command=$1
case $command in simulate) exec sleep 60 ;; esac
env >"${folder}/$command.env"
umask 077
echo code >"$CACHE_DIRECTORY/1-2-$command-v20-x64.code"
case $command in run) exec sleep 60 ;; esac
`;

describe('the code that postinst keeps', () => {
  test('is of both commands, for all to read, whatever the environment says', (t) => {
    const starts = testFolder(t);
    const folder = keepCode(t, { lstmd: standIn(starts) });
    const code = join(folder, 'lib/bundle/code');
    assert.deepEqual(readdirSync(code), ['1-2-inspect-v20-x64.code', '1-2-run-v20-x64.code']);
    for (const name of readdirSync(code)) {
      assert.equal(statSync(join(code, name)).mode & 0o777, 0o644);
    }
    assert.deepEqual(readdirSync(starts), ['inspect.env', 'run.env']);
    for (const name of readdirSync(starts)) {
      assert.doesNotMatch(readFileSync(join(starts, name), 'utf8'), /LSTMD_|NODE_OPTIONS/);
    }
    assert.deepEqual(readdirSync(join(folder, 'tmp')), []);
  });

  test('is none where there is no place to make it', (t) => {
    const starts = testFolder(t);
    const folder = keepCode(t, { lstmd: standIn(starts), mktemp: 'exit 1' });
    assert.deepEqual(readdirSync(join(folder, 'lib/bundle/code')), []);
    assert.deepEqual(readdirSync(starts), []);
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
