/**
 * `npm test`: sets up if need be, then lints and runs the C++ tests and every TypeScript test. What
 * computes runs beside what waits: the C++ tests at a low priority, beside everything else.
 *
 * `npm test -- sensor state` runs the TypeScript tests of these rooms alone. A word is a room (a folder
 * of test/, such as `engine/native`) or how a path of a test file begins (`test/sensor/clock`).
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec as Spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { readArguments, refuse } from './arguments.mjs';
import { missingArmToolsMessage } from './build-tools.mjs';
import { countSetUpStages, setUp } from './setup.mjs';
import { Stages } from './stages.mjs';
import { groupTestFiles } from './test-groups.mjs';
import { endProcessesOf, markProcesses } from './test-processes.mjs';

/** True for every value but an empty one and 0, as in test/support/requirement.ts. */
const mustRunAll = !['', '0'].includes(process.env.LSTMD_REQUIRE_ALL ?? '');
/** Many times what the longest file takes on a busy machine; a long run kills a daemon a thousand times. */
const longestFileMs = process.env.LSTMD_LONG === '1' ? 7_200_000 : 600_000;
const root = fileURLToPath(new URL('..', import.meta.url));
/** The folders of the longest tests. They begin first, so that none of them is alone at the end. */
const longFirst = ['golden', 'fuzz', 'e2e', 'faults', 'stream', 'commands', 'publish', 'engine'];
/** Many tests wait for a sensor, a broker or a signal, so one file more than there are cores runs. */
const concurrency = availableParallelism() + 1;
const closingLines = /^ℹ tests \d/m;

const help = `npm test [-- WORD...]

Installs and builds what is older than its sources, lints, and runs the C++ tests and every TypeScript test.
With words it runs the TypeScript tests that they name alone: a room (a folder of test/, such as sensor or
engine/native), or how the path of a test file begins (test/sensor/clock).

LSTMD_REQUIRE_ALL=1  what a test lacks (a program, the rights of root) is a failure, and no reason to skip it
LSTMD_LONG=1         the long form of the tests that have one (npm run test:faults)`;
const { words } = readArguments(help, { words: null });
const files = testFiles(words);
const isWhole = words.length === 0;
/** Lint, the C++ tests, those for AArch64 and the TypeScript tests; of rooms, the last alone. */
const ownStages = isWhole ? 4 : 1;
const stages = new Stages(countSetUpStages() + ownStages);
process.once('SIGINT', () => {
  stages.kill();
  process.exit(130);
});

const nativeTests = isWhole ? runNativeTests() : Promise.resolve();
await setUp({ stages });
if (isWhole) {
  await stages.command('lint and format', [process.execPath, 'scripts/lint.mjs']);
}
// The processes that the tests start are the program as it is shipped (test/support/project.ts).
process.env.TESTS_OF_BUNDLE = '1';
let closing = '';
markProcesses();
await stages.run('TypeScript tests', runTypeScriptTests);
await nativeTests;
for (const { pid, command } of endProcessesOf(process.pid)) {
  process.stderr.write(`lstmd: process ${pid} outlived its test and was killed: ${command}\n`);
}
process.stderr.write(`\nlstmd: ${stages.failed ? 'FAILED' : 'all passed'}\n${stages.table()}\n`);
process.stdout.write(closing);
process.exitCode = stages.failed ? 1 : 0;

/** Runs both at once: while one runs its tests in one thread, the other has a core to build on. */
async function runNativeTests() {
  const build = [process.execPath, 'scripts/build-native.mjs'];
  const inBackground = { background: true };
  await Promise.all([
    stages.command('C++ tests', [...build, '--test'], inBackground),
    runArmTests([...build, '--test-arm'], inBackground),
  ]);
}

async function runArmTests(command, options) {
  const title = 'C++ tests for AArch64';
  // On an Arm machine the C++ tests beside these are those of NEON.
  if (process.arch === 'arm64') {
    return stages.skip(title, 'this machine is one');
  }
  const missing = missingArmToolsMessage();
  if (missing !== null && !mustRunAll) {
    return stages.skip(title, missing);
  }
  return stages.command(title, command, options);
}

/** Shows each test as it ends; the runner's closing lines are kept for the end of everything. */
async function runTypeScriptTests(stage) {
  let done = 0;
  let ok = true;
  stage.progress = `0 of ${files.length} files`;
  const countOf = new Map(groupTestFiles(files).map(({ file, sources }) => [file, sources.length]));
  const tests = run({
    files: [...countOf.keys()],
    concurrency,
    // A test that waits for what will never come fails with its file, and does not keep the others.
    timeout: longestFileMs,
  });
  tests.on('test:fail', () => {
    ok = false;
  });
  tests.on('test:complete', ({ name, file }) => {
    if (name !== file) {
      return;
    }
    done += countOf.get(file) ?? 1;
    stage.progress = `${done} of ${files.length} files`;
  });
  for await (const chunk of tests.compose(new Spec())) {
    const text = closing + chunk;
    const at = text.search(closingLines);
    stages.print(at < 0 ? text : text.slice(0, at));
    closing = at < 0 ? '' : text.slice(at);
  }
  return ok;
}

/** The test files of the rooms or paths that the words name, those of long folders first. */
function testFiles(names) {
  const all = readdirSync(join(root, 'test'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  const prefixes = names.map((name) => prefixOf(name, all));
  const chosen = all.filter(
    (path) => names.length === 0 || prefixes.some((p) => path.startsWith(p)),
  );
  return chosen.sort((a, b) => rankOf(a) - rankOf(b));
}

/** The place of a test file's folder among those that begin first. */
function rankOf(path) {
  const at = longFirst.indexOf(path.split('/')[1]);
  return at < 0 ? longFirst.length : at;
}

/** The beginning of the paths that a word names. It ends the process with 64 where there are none. */
function prefixOf(name, all) {
  const path = name.replace(/^(\.\/)?(build\/)?(test\/)?/, 'test/').replace(/\/$/, '');
  const isFolder = all.some((file) => file.startsWith(`${path}/`));
  if (isFolder) {
    return `${path}/`;
  }
  if (all.some((file) => file.startsWith(path))) {
    return path;
  }
  const rooms = new Set(all.map((file) => file.split('/')[1]));
  return refuse(
    `no test is called ${name}; the rooms are ${[...rooms].join(', ')}, or name a path below test/`,
  );
}
