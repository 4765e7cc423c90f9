import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { environment, testFolder, writeConfig } from '../support/daemon.js';
import { cli } from '../support/project.js';
import { needsProgram, skipUnlessRequired } from '../support/requirement.js';
import { needsLongRun } from './long-run.js';

const journald = '/lib/systemd/systemd-journald';

/**
 * Starts a journald of its own, on a /run that nobody else sees, and what follows as systemd would: with a stderr
 * that is the journal, and named as such. Prints what `journalctl -p warning` finds of it, and then all of it.
 */
const script = `
mount --make-rprivate / && mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log/journal
${journald} & journald=$!
trap 'kill $journald' EXIT
until [ -S /run/systemd/journal/stdout ]; do sleep 0.05; done
systemd-cat -t lstmd sh -c 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$0" "$@"' "$@" & daemon=$!
read_journal() { journalctl -D /run/log/journal -t lstmd -o cat --no-pager "$@"; }
while kill -0 $daemon && ! read_journal | grep -q 'no connection to the broker'; do sleep 0.1; done
kill $daemon
wait $daemon
until read_journal | grep -q '"msg":"stopped"' || ! kill -0 $journald; do sleep 0.1; done
read_journal -p warning
echo ---
read_journal
`;

/** The levels of lines of the log. */
function levelsOf(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { level: string }).level);
}

test(
  'journalctl -p warning finds the warnings of the daemon, and nothing else of it',
  {
    skip:
      needsLongRun ||
      needsProgram(journald, 'systemd') ||
      needsProgram('unshare', 'util-linux') ||
      needsProgram('systemd-cat', 'systemd'),
    timeout: 120_000,
  },
  (t) => {
    if (process.getuid?.() !== 0) {
      skipUnlessRequired(t, 'needs to be root, for a /run of its own');
      return;
    }
    const folder = testFolder(t);
    const file = join(folder, 'journald.sh');
    writeFileSync(file, script);
    const setup = { folder, brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/ttyNone' };
    const daemon = [process.execPath, cli, 'run', '-c', writeConfig(setup)];
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', file, ...daemon], {
      encoding: 'utf8',
      env: environment(),
      timeout: 100_000,
    });
    const [warnings = '', all = ''] = stdout.split('---\n');
    assert.ok(warnings.includes('no connection to the broker'), stdout + stderr);
    assert.deepEqual([...new Set(levelsOf(warnings))], ['warn']);
    // The priority is taken from the lines: they are JSON as ever.
    assert.ok(levelsOf(all).includes('info'), stdout);
  },
);
