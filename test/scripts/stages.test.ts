import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { projectFile } from '../support/project.js';

/** Runs a module that has `stages` of scripts/stages.mjs, and gives what it wrote to stderr. */
function stderrOf(body: string): string {
  const script = `
    import { Stages } from ${JSON.stringify(projectFile('scripts/stages.mjs'))};
    const stages = new Stages(2);
    ${body}`;
  const args = ['--input-type=module', '-e', script];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stderr;
}

describe('the stages of a run', () => {
  test('show the whole output of one that fails, and nothing of one that does not', () => {
    const text = stderrOf(`
      await stages.command('first', ['sh', '-c', 'echo quiet']);
      await stages.command('second', ['sh', '-c', 'echo to stdout; echo to stderr >&2; exit 3']);
      process.stderr.write(stages.failed ? 'failed as a whole' : 'passed');`);
    assert.doesNotMatch(text, /quiet/);
    assert.match(text, /\[1\/2\] first \d+\.\d s\n/);
    assert.match(text, /to stdout\nto stderr\n.*\[2\/2\] second FAILED after \d+\.\d s\n/s);
    assert.match(text, /failed as a whole$/);
  });

  test('fail where a program is not there', () => {
    const text = stderrOf(`
      await stages.command('absent', ['no-such-program']);
      process.stderr.write(stages.table());`);
    assert.match(text, /no-such-program: .*ENOENT/);
    assert.match(text, /absent +\d+\.\d s FAILED\n/);
  });

  test('are ended with what they have started', () => {
    const text = stderrOf(`
      process.once('SIGUSR2', () => stages.kill());
      const started = 'sleep 600 & echo $! >&2; kill -USR2 $PPID; wait; exit 1';
      await stages.command('endless', ['sh', '-c', started]);`);
    const pid = /^(\d+)$/m.exec(text)?.[1] ?? '';
    assert.notEqual(pid, '', text);
    // It is gone, or a zombie where nobody collects orphans.
    const stat = existsSync(`/proc/${pid}/stat`)
      ? readFileSync(`/proc/${pid}/stat`, 'latin1')
      : 'Z';
    assert.match(stat, /Z/);
  });
});

test('a build has a count before its first file is compiled', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-progress-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const list = join(folder, 'compile_commands.json');
  const text = stderrOf(`
    import { writeFileSync } from 'node:fs';
    import { BuildProgress } from ${JSON.stringify(projectFile('scripts/build-progress.mjs'))};
    const fresh = new BuildProgress('building afresh', ${JSON.stringify(folder)});
    writeFileSync(${JSON.stringify(list)}, '[{}, {}, {}]');
    fresh.read('-- Build files have been written to: there');
    new BuildProgress('building again', ${JSON.stringify(folder)});`);
  assert.match(
    text,
    /^lstmd: building afresh: 0 of 3 files, \d+ s\nlstmd: building again: 0 of 3 files, \d+ s\n$/,
  );
});

test('npm test says which rooms there are where a word names none', () => {
  const args = [projectFile('scripts/test.mjs'), 'sensor', 'nonsense'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 64);
  assert.match(stderr, /no test is called nonsense; the rooms are .*agent.*sensor.*state/);
});
