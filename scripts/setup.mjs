/**
 * Brings a checkout up to date: dependencies, addon, TypeScript; each only when something it is
 * made from is newer. Plain Node, because it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingToolsMessage } from './build-tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const addon = 'build/native/Release/lstmd.node';
const addonStamp = 'build/native/.built';
const tscStamp = 'build/.compiled';
const oldestNode = [20, 19];

/** Newest modification below the paths; folders count too, so that a deleted file is noticed. */
function newestMs(...paths) {
  let newest = 0;
  for (const path of paths) {
    const full = join(root, path);
    if (!existsSync(full)) continue;
    const stat = statSync(full);
    newest = Math.max(newest, stat.mtimeMs);
    if (stat.isDirectory()) {
      newest = Math.max(newest, newestMs(...readdirSync(full).map((name) => join(path, name))));
    }
  }
  return newest;
}

function isStale(output, ...inputs) {
  return !existsSync(join(root, output)) || newestMs(output) < newestMs(...inputs);
}

function fail(message) {
  process.stderr.write(`lstmd: ${message}\n`);
  process.exit(1);
}

function run(title, command, args) {
  process.stderr.write(`lstmd: ${title} ...\n`);
  const startMs = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error !== undefined) fail(`${command} does not start: ${error.message}`);
  if (status !== 0) fail(`${title}: failed, see above`);
  process.stderr.write(`lstmd: ${title}: ${((Date.now() - startMs) / 1000).toFixed(1)} s\n`);
}

/** Installs and builds what is missing or older than its sources. Exits with 1 when it cannot. */
export function setUp() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    fail(`Node ${process.versions.node} is too old: ${oldestNode.join('.')} or newer is needed`);
  }
  const needsAddon =
    !existsSync(join(root, addon)) || isStale(addonStamp, 'native', 'scripts/build-native.mjs');
  const missing = needsAddon ? missingToolsMessage() : null;
  if (missing !== null) fail(missing);

  if (isStale('node_modules/.package-lock.json', 'package-lock.json')) {
    // No dependency needs its install script here: serialport ships its binary, and ours is next.
    run('installing dependencies', 'npm', ['ci', '--ignore-scripts', '--loglevel=error']);
  }
  if (needsAddon) {
    run('building the addon', process.execPath, ['scripts/build-native.mjs']);
    writeFileSync(join(root, addonStamp), '');
  }
  if (
    isStale(tscStamp, 'src', 'test', 'tsconfig.base.json', 'tsconfig.json', 'package-lock.json')
  ) {
    // What no source makes any more must not stay; the compiler only adds.
    for (const output of [
      'dist',
      'build/test',
      'build/.tsbuildinfo-src',
      'build/.tsbuildinfo-test',
    ])
      rmSync(join(root, output), { recursive: true, force: true });
    run('compiling TypeScript', process.execPath, [
      'node_modules/typescript/bin/tsc',
      '-b',
      'test',
    ]);
    writeFileSync(join(root, tscStamp), '');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp();
