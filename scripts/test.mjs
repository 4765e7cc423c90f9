/**
 * `npm test`: set up if need be, then lint, the C++ tests and every TypeScript test.
 * With arguments (`npm test -- test/sensor`) only the test files below those paths.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingArmToolsMessage } from './build-tools.mjs';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const only = process.argv.slice(2);

function run(title, args) {
  process.stderr.write(`lstmd: ${title}\n`);
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`lstmd: ${title}: failed\n`);
    process.exit(1);
  }
}

/** NEON, under qemu; on an Arm machine it has been tested by now. */
function testForArm() {
  if (process.arch === 'arm64') return;
  const title = 'C++ tests for AArch64';
  const missing = missingArmToolsMessage();
  if (missing === null || process.env.LSTMD_REQUIRE_ALL === '1')
    run(title, ['scripts/build-native.mjs', '--test-arm']);
  else process.stderr.write(`lstmd: ${title}: skipped: ${missing}\n`);
}

setUp();
if (only.length === 0) {
  run('lint and format', ['scripts/lint.mjs']);
  run('C++ tests', ['scripts/build-native.mjs', '--test']);
  testForArm();
}

const files = readdirSync(join(root, 'test'), { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .filter((path) => only.length === 0 || only.some((prefix) => path.startsWith(prefix)))
  .map((path) => join('build', path.replace(/\.ts$/, '.js')))
  .sort();
run('TypeScript tests', ['--test', '--test-reporter=spec', '--test-concurrency=2', ...files]);
