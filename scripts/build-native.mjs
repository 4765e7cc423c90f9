// Builds the native addon (build/native/Release/lstmd.node) through cmake-js, from nothing but what
// `npm ci` installed; with --test, builds and runs the C++ tests instead, under the sanitizers; with
// --bench, the C++ benchmark of the kernel.
// One line on success, the compiler's whole output on failure.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingToolsMessage } from './build-tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const nativeDirectory = join(root, 'native');
const buildDirectory = join(root, 'build', 'native');
const testDirectory = join(root, 'build', 'native-test');
const benchDirectory = join(root, 'build', 'native-bench');

// A make that called us would hand down its job server, which cmake's own make cannot use.
const environment = { ...process.env };
for (const name of ['MAKEFLAGS', 'MFLAGS', 'MAKELEVEL']) delete environment[name];

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function run(program, args) {
  const result = spawnSync(program, args, {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error}\n` : ''}`;
  return { ok: result.status === 0, output };
}

function cmakeJs(command) {
  let manifest;
  try {
    manifest = createRequire(import.meta.url).resolve('cmake-js/package.json');
  } catch {
    fail('lstmd: cmake-js is not installed; run: npm ci');
  }
  return run(process.execPath, [
    join(manifest, '..', 'bin', 'cmake-js'),
    command,
    ...[
      '-d',
      nativeDirectory,
      '-O',
      buildDirectory,
      '-B',
      'Release',
      '-p',
      String(availableParallelism()),
    ],
  ]);
}

/** Whether the build directory was configured for another checkout: CMake refuses those. */
function isForeign() {
  const cache = join(buildDirectory, 'CMakeCache.txt');
  if (!existsSync(cache)) return false;
  return !readFileSync(cache, 'utf8')
    .split('\n')
    .includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${nativeDirectory}`);
}

function buildAddon() {
  const { ok, output } = cmakeJs(isForeign() ? 'rebuild' : 'build');
  if (!ok)
    fail(
      `${output}lstmd: the native addon did not build (the compiler's words are above); "rm -r build" starts afresh`,
    );
  process.stdout.write('lstmd: built the native addon\n');
}

function runCmake(steps, failure) {
  for (const [program, args] of steps) {
    const { ok, output } = run(program, args);
    if (!ok) fail(`${output}lstmd: ${failure}; the output is above`);
  }
}

/** Steps that configure and build what needs no Node. */
function buildSteps(directory, ...options) {
  return [
    ['cmake', ['-S', nativeDirectory, '-B', directory, '-DCMAKE_BUILD_TYPE=Release', ...options]],
    ['cmake', ['--build', directory, '--parallel', String(availableParallelism())]],
  ];
}

function runTests() {
  runCmake(
    [
      ...buildSteps(testDirectory, '-DLSTMD_TESTS=ON', '-DLSTMD_SANITIZE=ON'),
      ['ctest', ['--test-dir', testDirectory, '--output-on-failure']],
    ],
    'the C++ tests failed',
  );
  process.stdout.write('lstmd: the C++ tests passed\n');
}

function runBenchmark() {
  runCmake(buildSteps(benchDirectory, '-DLSTMD_BENCH=ON'), 'the C++ benchmark did not build');
  const { ok, output } = run(join(benchDirectory, 'kernel-bench'), []);
  if (!ok) fail(`${output}lstmd: the C++ benchmark failed`);
  process.stdout.write(output);
}

const missing = missingToolsMessage();
if (missing !== null) fail(`lstmd: ${missing}`);
if (process.argv.includes('--test')) runTests();
else if (process.argv.includes('--bench')) runBenchmark();
else buildAddon();
