/**
 * `npm run test:guards`: takes out one guard at a time and shows that a named test fails for it.
 *
 * The guards stand in scripts/guards/, by the room that they are in (see scripts/guards/guards.mjs). Works on a copy of what was
 * compiled, so that neither the checkout nor a run beside this one notices.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, refuse } from './arguments.mjs';
import { guards } from './guards/guards.mjs';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const help = `npm run test:guards [-- [--list] [WORD...]]

Takes the guards of what is promised (scripts/guards/) out one at a time, and shows that a named test fails for each. All of
them take an hour or more. With words: the guards whose name has one of them.

--list  print the names of these guards, and take none out`;
const { values: flags, words } = readArguments(help, {
  options: { list: { type: 'boolean' } },
  words: null,
});
const chosen = guards.filter(
  ({ guard }) => words.length === 0 || words.some((word) => guard.includes(word)),
);
const unknown = words.find((word) => !chosen.some(({ guard }) => guard.includes(word)));
if (unknown !== undefined) {
  refuse(`no guard has "${unknown}" in its name; npm run test:guards -- --list prints the names`);
}
if (flags.list === true) {
  process.stdout.write(chosen.map(({ guard }) => `${guard}\n`).join(''));
  process.exit(0);
}
const copy = mkdtempSync(join(tmpdir(), 'lstmd-guards-'));

/** A test that waits for ever without its guard ends with its run. */
const longestRunMs = 120_000;
const longestTestMs = 2 * longestRunMs;

/**
 * Runs a test and says how it ends: 'ok', 'not ok', 'skipped', 'not run' or 'not ended'. What a program
 * without its guard leaves running is ended with the test.
 */
function outcome({ tests, test, long }) {
  const report = join(copy, 'report.tap');
  // A file, and no pipe: a process that is left behind would hold a pipe open for ever.
  const out = openSync(report, 'w');
  const { pid, error } = spawnSync(
    process.execPath,
    [
      '--test',
      '--test-reporter=tap',
      `--test-timeout=${longestTestMs}`,
      `--test-name-pattern=${test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
      tests,
    ],
    {
      cwd: copy,
      detached: true,
      stdio: ['ignore', out, 'ignore'],
      timeout: longestRunMs,
      killSignal: 'SIGKILL',
      env: { ...process.env, ...(long ? { LSTMD_LONG: '1' } : {}) },
    },
  );
  closeSync(out);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left behind.
  }
  if (error?.code === 'ETIMEDOUT') {
    return 'not ended';
  }
  const line = readFileSync(report, 'utf8')
    .split('\n')
    .map((row) => /^\s*(ok|not ok) \d+ - (.*)$/.exec(row))
    .find((match) => match?.[2].startsWith(test));
  if (!line) {
    return 'not run';
  }
  return /# SKIP/.test(line[2]) ? 'skipped' : line[1];
}

const verdicts = { 'not ok': 'the test fails', 'not ended': 'the test does not end' };

function judge({ file, from, to, tests, test, long }) {
  const named = { tests, test, long };
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  const patched = source.replace(from, to);
  if (patched === source) {
    return `the guard is not where it was: ${file}`;
  }
  const whole = outcome(named);
  if (whole !== 'ok') {
    return `with the guard the test is ${whole}`;
  }
  writeFileSync(path, patched);
  try {
    const without = outcome(named);
    return verdicts[without] ?? `NOT NOTICED: the test is ${without}`;
  } finally {
    writeFileSync(path, source);
  }
}

await setUp();
const unnoticed = [];
try {
  for (const name of ['dist', 'build/test']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  for (const name of [
    'node_modules',
    'build/native',
    'package.json',
    'deploy',
    'examples',
    'test',
  ]) {
    symlinkSync(join(root, name), join(copy, name));
  }
  process.stdout.write('| Taken out | Test | Without it |\n|---|---|---|\n');
  for (const guard of chosen) {
    const verdict = judge(guard);
    process.stdout.write(`| ${guard.guard} | \`${guard.tests}\`: ${guard.test} | ${verdict} |\n`);
    if (!Object.values(verdicts).includes(verdict)) {
      unnoticed.push(guard.guard);
    }
  }
} finally {
  rmSync(copy, { recursive: true });
}
if (unnoticed.length > 0) {
  process.stderr.write(`lstmd: no test notices: ${unnoticed.join(', ')}\n`);
  process.exit(1);
}
