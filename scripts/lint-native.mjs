/**
 * `npm run lint:native`: clang-tidy over native/, apart from `npm run lint` because it takes minutes.
 * Needs clang-tidy, and for NEON the cross compiler's headers.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, refuse } from './arguments.mjs';
import { isInstalled } from './build-tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const include = (path) => ['-isystem', join(root, 'node_modules', path)];
const common = ['-std=c++20', `-I${join(root, 'native/kernel')}`];
const flags = {
  x86: ['--target=x86_64-linux-gnu', '-DLSTMD_X86_64', '-mavx512f', '-mavx512dq', '-mfma'],
  arm: ['--target=aarch64-linux-gnu', '-DLSTMD_AARCH64'],
  vectorTest: [
    '-DLSTMD_TARGET="avx512"',
    '-DLSTMD_VECTOR_HEADER="simd/vector-avx512.h"',
    '-DLSTMD_VECTOR_TEST=kVectorTest_avx512',
  ],
  addon: [
    ...include('node-api-headers/include'),
    ...include('node-addon-api'),
    '-DNAPI_VERSION=9',
    '-DNAPI_DISABLE_CPP_EXCEPTIONS',
  ],
};

const help = `npm run lint:native [-- WORD...]

Runs clang-tidy over native/, which takes minutes. With words: over the files whose path has one of them, such as kernel/pack.`;
const { words } = readArguments(help, { words: null });
if (!isInstalled('clang-tidy')) {
  process.stderr.write('lint: clang-tidy not found; run: sudo apt-get install -y clang-tidy\n');
  process.exit(1);
}

const files = readdirSync(join(root, 'native'), { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.cpp'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
if (files.length === 0) {
  refuse(`no file of native/ is called ${words.join(' or ')}`);
}

let failed = false;

async function lint(file) {
  const target = file.endsWith('neon.cpp') ? flags.arm : flags.x86;
  const extra = file.endsWith('vector-test.cpp') ? flags.vectorTest : flags.addon;
  const tidy = spawn('clang-tidy', ['--quiet', file, '--', ...common, ...target, ...extra], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let messages = '';
  tidy.stderr.on('data', (chunk) => (messages += chunk));
  const [code] = await once(tidy, 'close');
  if (code === 0) {
    return;
  }
  failed = true;
  process.stderr.write(`${messages}lint: clang-tidy found something in ${file}\n`);
}

await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      await lint(file);
    }
  }),
);
process.exit(failed ? 1 : 0);
