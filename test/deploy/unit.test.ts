import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ExitCode } from '#src/base/errors.js';
import { testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { needsProgram } from '../support/requirement.js';

const unitFile = projectFile('deploy/lstmd.service');
const unit = readFileSync(unitFile, 'utf8');
const instance = readFileSync(projectFile('deploy/lstmd@.service'), 'utf8');

/** The lines of a unit that mean something. */
function directives(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('an instance is the service with a configuration, a state and a cache of its own', () => {
  const own = directives(instance).filter((line) => !directives(unit).includes(line));
  assert.deepEqual(own, [
    'Description=LSTM inference on a live serial sensor stream (%i)',
    'ExecStart=/usr/bin/lstmd run --config /etc/lstmd/%i.yaml',
    'StateDirectory=lstmd-%i',
    'Environment=LSTMD_STATE_DIRECTORY=/var/lib/lstmd-%i',
    'CacheDirectory=lstmd-%i',
  ]);
  assert.equal(directives(instance).length, directives(unit).length + 1);
});

describe('deploy/lstmd.service', { skip: needsProgram('systemd-analyze', 'systemd') }, () => {
  test('is a unit that systemd takes without a word', (t) => {
    const file = join(testFolder(t), 'lstmd.service');
    // Program and man page are not installed here; everything else is looked at as it is.
    writeFileSync(file, unit.replace('/usr/bin/lstmd run', `${process.execPath} run`));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['--man=no', 'verify', file], {
      encoding: 'utf8',
    });
    assert.equal(`${stdout}${stderr}`, '');
    assert.equal(status, 0);
  });

  test('exposes no more than 1.5 of 10', () => {
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=yes', '--threshold=15', unitFile],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, `${stdout.trimEnd().split('\n').at(-1)}${stderr}`);
  });

  test('says which boot it is, which ProcSubset= hides', () => {
    assert.match(unit, /^ProcSubset=pid$/m);
    assert.match(unit, /^Environment=BOOT_ID=%b$/m);
  });

  test('is not restarted where no restart can help', () => {
    const prevented = /^RestartPreventExitStatus=(.*)$/m.exec(unit)?.[1]?.split(' ').map(Number);
    const { usage, data, noInput, config } = ExitCode;
    assert.deepEqual(prevented, [usage, data, noInput, config]);
  });
});
