// Builds the native addon (build/native/Release/lstmd.node) through cmake-js, from nothing but what
// `npm ci` installed. With --test it builds and runs the C++ tests instead, under the sanitizers; with
// --test-arm, cross-compiled for AArch64 and under qemu (which has no sanitizers); with both, the two
// at once. With --bench it runs the C++ benchmark of the kernel; with --fuzz [--seconds 60], libFuzzer
// on the programs that the kernel takes.
//
// While it builds it tells on stderr how far it is; then it prints one line on success, and on failure
// the compiler's whole output.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { BuildProgress } from './build-progress.mjs';
import { isInstalled, missingArmToolsMessage, missingToolsMessage } from './build-tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const nativeDirectory = join(root, 'native');
const buildDirectory = join(root, 'build', 'native');
const testDirectory = join(root, 'build', 'native-test');
const benchDirectory = join(root, 'build', 'native-bench');
const fuzzDirectory = join(root, 'build', 'native-fuzz');

// A make that runs this script hands down its job server, which cmake's own make cannot use.
const environment = { ...process.env };
for (const name of ['MAKEFLAGS', 'MFLAGS', 'MAKELEVEL']) {
  delete environment[name];
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Runs a program to its end, and gives what it printed. */
function run(program, args, progress) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env: environment });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        progress.read(text);
      });
    }
    child.on('error', (error) => resolve({ ok: false, output: `${output}${error}\n` }));
    child.on('close', (status) => resolve({ ok: status === 0, output }));
  });
}

function cmakeJs(command, progress) {
  let manifest;
  try {
    manifest = createRequire(import.meta.url).resolve('cmake-js/package.json');
  } catch {
    fail('lstmd: cmake-js is not installed; run: npm ci');
  }
  const cli = join(manifest, '..', 'bin', 'cmake-js');
  const directories = ['-d', nativeDirectory, '-O', buildDirectory];
  const options = ['-B', 'Release', '-p', String(availableParallelism())];
  return run(process.execPath, [cli, command, ...directories, ...options], progress);
}

/** Returns whether a build directory was configured for another checkout: CMake refuses those. */
function isOfAnotherCheckout(directory) {
  const cache = join(directory, 'CMakeCache.txt');
  if (!existsSync(cache)) {
    return false;
  }
  return !readFileSync(cache, 'utf8')
    .split('\n')
    .includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${nativeDirectory}`);
}

async function buildAddon() {
  const progress = new BuildProgress('building the addon', buildDirectory);
  const { ok, output } = await cmakeJs(
    isOfAnotherCheckout(buildDirectory) ? 'rebuild' : 'build',
    progress,
  );
  progress.end();
  if (!ok) {
    fail(
      `${output}lstmd: the native addon did not build (the compiler's words are above); "rm -r build" starts afresh`,
    );
  }
  process.stdout.write('lstmd: built the native addon\n');
}

/** Configures and builds what needs no Node, then runs `last`; gives what that printed. */
async function runWithoutNode(directory, options, last, title) {
  if (isOfAnotherCheckout(directory)) {
    rmSync(directory, { recursive: true });
  }
  const configure = ['-S', nativeDirectory, '-B', directory, '-DCMAKE_BUILD_TYPE=Release'];
  const steps = [
    ['cmake', [...configure, ...options]],
    ['cmake', ['--build', directory, '--parallel', String(availableParallelism())]],
    last,
  ];
  const progress = new BuildProgress(`building the ${title}`, directory);
  let printed = '';
  for (const [program, args] of steps) {
    const { ok, output } = await run(program, args, progress);
    progress.end();
    if (!ok) {
      fail(`${output}lstmd: the ${title} failed; the output is above`);
    }
    printed = output;
  }
  return printed;
}

async function runTests(directory, title, options) {
  const tests = ['ctest', ['--test-dir', directory, '--parallel', '2', '--output-on-failure']];
  await runWithoutNode(directory, ['-DLSTMD_TESTS=ON', ...options], tests, title);
  process.stdout.write(`lstmd: the ${title} passed\n`);
}

function runSanitizedTests() {
  return runTests(testDirectory, 'C++ tests', ['-DLSTMD_SANITIZE=ON']);
}

async function runBenchmark() {
  const benchmark = [join(benchDirectory, 'kernel-bench'), []];
  const options = ['-DLSTMD_BENCH=ON'];
  process.stdout.write(await runWithoutNode(benchDirectory, options, benchmark, 'C++ benchmark'));
}

function runArmTests() {
  const missing = missingArmToolsMessage();
  if (missing !== null) {
    fail(`lstmd: ${missing}`);
  }
  return runTests(`${testDirectory}-arm`, 'C++ tests for AArch64', [
    '-DCMAKE_SYSTEM_NAME=Linux',
    '-DCMAKE_SYSTEM_PROCESSOR=aarch64',
    '-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++',
    '-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu',
  ]);
}

async function runFuzzer(seconds) {
  if (!isInstalled('clang++')) {
    fail('lstmd: clang++ not found; run: sudo apt-get install -y clang');
  }
  // The corpus is kept from run to run, so that libFuzzer goes on from what it has found.
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
  const printed = await runWithoutNode(fuzzDirectory, options, fuzzer, 'fuzzing of programs');
  process.stdout.write(`lstmd: fuzzed programs: ${/^Done .*$/m.exec(printed)?.[0]}\n`);
}

const help = `node scripts/build-native.mjs [--test] [--test-arm] [--bench] [--fuzz [--seconds 60]]

Builds the native addon, build/native/Release/lstmd.node, or does instead what the options say, all at once:

--test       the C++ tests, under the sanitizers
--test-arm   the C++ tests for AArch64, under qemu
--bench      the benchmark of the kernel
--fuzz       libFuzzer on the programs that the kernel takes, for --seconds`;
const { values: flags } = readArguments(help, {
  options: {
    test: { type: 'boolean' },
    'test-arm': { type: 'boolean' },
    bench: { type: 'boolean' },
    fuzz: { type: 'boolean' },
    seconds: { type: 'string', default: '60' },
  },
});
const missing = missingToolsMessage();
if (missing !== null) {
  fail(`lstmd: ${missing}`);
}
const jobs = [
  ...(flags.test ? [runSanitizedTests] : []),
  ...(flags['test-arm'] ? [runArmTests] : []),
  ...(flags.bench ? [runBenchmark] : []),
  ...(flags.fuzz ? [() => runFuzzer(Number(flags.seconds))] : []),
];
// All jobs run at once, because while one runs its tests in one thread the other has a core to build on.
await Promise.all((jobs.length === 0 ? [buildAddon] : jobs).map((job) => job()));
