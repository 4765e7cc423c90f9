// Builds the native addon (build/native/Release/lstmd.node) through cmake-js, from nothing but what
// `npm ci` installed; with --test, builds and runs the C++ tests instead, under the sanitizers; with
// --test-arm, cross-compiled for AArch64 and under qemu (which has no sanitizers); with --bench, the
// C++ benchmark of the kernel; with --fuzz [--seconds 60], libFuzzer on the programs it takes.
// One line on success, the compiler's whole output on failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isInstalled, missingArmToolsMessage, missingToolsMessage } from './build-tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const nativeDirectory = join(root, 'native');
const buildDirectory = join(root, 'build', 'native');
const testDirectory = join(root, 'build', 'native-test');
const benchDirectory = join(root, 'build', 'native-bench');
const fuzzDirectory = join(root, 'build', 'native-fuzz');

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

/** Whether a build directory was configured for another checkout: CMake refuses those. */
function isForeign(directory) {
  const cache = join(directory, 'CMakeCache.txt');
  if (!existsSync(cache)) return false;
  return !readFileSync(cache, 'utf8')
    .split('\n')
    .includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${nativeDirectory}`);
}

function buildAddon() {
  const { ok, output } = cmakeJs(isForeign(buildDirectory) ? 'rebuild' : 'build');
  if (!ok)
    fail(
      `${output}lstmd: the native addon did not build (the compiler's words are above); "rm -r build" starts afresh`,
    );
  process.stdout.write('lstmd: built the native addon\n');
}

/** Configures and builds what needs no Node, then runs `last`; gives what that printed. */
function runWithoutNode(directory, options, last, failure) {
  if (isForeign(directory)) rmSync(directory, { recursive: true });
  const configure = ['-S', nativeDirectory, '-B', directory, '-DCMAKE_BUILD_TYPE=Release'];
  const steps = [
    ['cmake', [...configure, ...options]],
    ['cmake', ['--build', directory, '--parallel', String(availableParallelism())]],
    last,
  ];
  let printed = '';
  for (const [program, args] of steps) {
    const { ok, output } = run(program, args);
    if (!ok) fail(`${output}lstmd: ${failure}; the output is above`);
    printed = output;
  }
  return printed;
}

function runTests(directory, name, options) {
  const tests = ['ctest', ['--test-dir', directory, '--output-on-failure']];
  runWithoutNode(directory, ['-DLSTMD_TESTS=ON', ...options], tests, `the ${name} failed`);
  process.stdout.write(`lstmd: the ${name} passed\n`);
}

function runBenchmark() {
  const benchmark = [join(benchDirectory, 'kernel-bench'), []];
  const failure = 'the C++ benchmark failed';
  process.stdout.write(runWithoutNode(benchDirectory, ['-DLSTMD_BENCH=ON'], benchmark, failure));
}

function runArmTests() {
  const missing = missingArmToolsMessage();
  if (missing !== null) fail(`lstmd: ${missing}`);
  runTests(`${testDirectory}-arm`, 'C++ tests for AArch64', [
    '-DCMAKE_SYSTEM_NAME=Linux',
    '-DCMAKE_SYSTEM_PROCESSOR=aarch64',
    '-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++',
    '-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu',
  ]);
}

function runFuzzer(seconds) {
  if (!isInstalled('clang++')) fail('lstmd: clang++ not found; run: sudo apt-get install -y clang');
  // Kept from run to run: it goes on from what it has found.
  const corpus = join(fuzzDirectory, 'corpus');
  mkdirSync(corpus, { recursive: true });
  const fuzzer = [
    join(fuzzDirectory, 'program-fuzz'),
    [
      `-max_total_time=${seconds}`,
      '-max_len=16384',
      '-timeout=60',
      '-rss_limit_mb=4096',
      `-artifact_prefix=${join(fuzzDirectory, 'failed-')}`,
      corpus,
    ],
  ];
  const options = ['-DLSTMD_FUZZ=ON', '-DLSTMD_SANITIZE=ON', '-DCMAKE_CXX_COMPILER=clang++'];
  const printed = runWithoutNode(fuzzDirectory, options, fuzzer, 'the fuzzer found something');
  process.stdout.write(`lstmd: fuzzed programs: ${/^Done .*$/m.exec(printed)?.[0]}\n`);
}

const { values: chosen } = parseArgs({
  options: {
    test: { type: 'boolean' },
    'test-arm': { type: 'boolean' },
    bench: { type: 'boolean' },
    fuzz: { type: 'boolean' },
    seconds: { type: 'string', default: '60' },
  },
});
const missing = missingToolsMessage();
if (missing !== null) fail(`lstmd: ${missing}`);
if (chosen.test) runTests(testDirectory, 'C++ tests', ['-DLSTMD_SANITIZE=ON']);
else if (chosen['test-arm']) runArmTests();
else if (chosen.bench) runBenchmark();
else if (chosen.fuzz) runFuzzer(Number(chosen.seconds));
else buildAddon();
