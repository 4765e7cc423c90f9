import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const program = projectFile('build/bench/cli.js');

type Kept = Record<string, Record<string, { median: number; noise: number }>>;

test('npm run bench:check fails where a ratio is worse than the one that is kept, and names it', (t) => {
  const file = join(testFolder(t), 'ratios.json');
  const check = (...more: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(
      process.execPath,
      [
        program,
        'check',
        '--kernel',
        '--ratios',
        file,
        '--rounds',
        '2',
        '--seconds',
        '0.01',
        ...more,
      ],
      { encoding: 'utf8' },
    );
  writeFileSync(file, '{}');
  const updated = check('--update');
  assert.equal(updated.status, 0, updated.stderr);
  const measured = JSON.parse(readFileSync(file, 'utf8')) as Kept;
  const [target = ''] = Object.keys(measured);
  const [figure = '', other = ''] = Object.keys(measured[target] ?? {});
  assert.match(figure, /^one sample a call/);

  const keep = (medians: Record<string, number>): void => {
    const ratios = Object.entries(medians).map(([name, median]) => [name, { median, noise: 0 }]);
    writeFileSync(file, JSON.stringify({ [target]: Object.fromEntries(ratios) as object }));
  };
  keep({ [figure]: 1e6, [other]: 1e6 });
  const better = check();
  assert.equal(better.status, 0, better.stdout);
  assert.doesNotMatch(better.stdout, /WORSE/);

  keep({ [figure]: 1e-6, [other]: 1e6 });
  const worse = check();
  assert.equal(worse.status, 1, worse.stderr);
  const told = worse.stdout.split('\n').filter((line) => line.includes('WORSE'));
  assert.equal(told.length, 1);
  assert.ok(told[0]?.startsWith(`${target}: ${figure}`));
});
