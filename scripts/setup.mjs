/**
 * Brings a checkout up to date: dependencies, addon, TypeScript; each only when something it is
 * made from is newer. Plain Node, because it runs before anything is installed.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { missingToolsMessage } from './build-tools.mjs';
import { Stages } from './stages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const addon = 'build/native/Release/lstmd.node';
const addonStamp = 'build/native/.built';
const tscStamp = 'build/.compiled';
const bundleStamp = 'build/.bundled';
const tscOutputs = /^(test|bench|page|\.tsbuildinfo.*)$/;
const oldestNode = [20, 19];

/** The newest modification below the paths; folders count too, so that a deleted file is noticed. */
function newestMs(...paths) {
  let newest = 0;
  for (const path of paths) {
    const full = join(root, path);
    if (!existsSync(full)) {
      continue;
    }
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

/** The reason for which nothing can be built here; null where there is none. */
function obstacle() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    return `Node ${process.versions.node} is too old: ${oldestNode.join('.')} or newer is needed`;
  }
  return needsAddon() ? missingToolsMessage() : null;
}

function needsAddon() {
  return (
    !existsSync(join(root, addon)) || isStale(addonStamp, 'native', 'scripts/build-native.mjs')
  );
}

function needsDependencies() {
  return isStale('node_modules/.package-lock.json', 'package-lock.json');
}

function needsCompiling() {
  const configuration = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  return isStale(tscStamp, 'src', 'test', 'bench', 'package-lock.json', ...configuration);
}

function needsBundling() {
  return isStale(
    bundleStamp,
    'src',
    'package-lock.json',
    'scripts/package/bundle.mjs',
    'scripts/package/third-party.mjs',
  );
}

/** How many stages `setUp` would run. */
export function countSetUpStages(withAddon = true) {
  const needed = [
    needsDependencies(),
    withAddon && needsAddon(),
    needsCompiling(),
    needsBundling(),
  ];
  return needed.filter(Boolean).length;
}

async function installDependencies(stages) {
  if (!needsDependencies()) {
    return true;
  }
  // No dependency needs its install script: serialport ships its binary, and the addon comes next.
  const npmCi = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return stages.command('installing dependencies', npmCi);
}

async function buildAddon(stages) {
  if (!needsAddon()) {
    return true;
  }
  const build = [process.execPath, 'scripts/build-native.mjs'];
  if (!(await stages.command('building the addon', build))) {
    return false;
  }
  writeFileSync(join(root, addonStamp), '');
  return true;
}

async function compile(stages) {
  if (!needsCompiling()) {
    return true;
  }
  // The compiler only adds files, and what no source makes any more must go.
  mkdirSync(join(root, 'build'), { recursive: true });
  const outputs = readdirSync(join(root, 'build')).filter((name) => tscOutputs.test(name));
  for (const output of ['dist', ...outputs.map((name) => join('build', name))]) {
    rmSync(join(root, output), { recursive: true, force: true });
  }
  const tsc = [process.execPath, 'node_modules/typescript/bin/tsc', '-b', 'test', 'bench'];
  if (!(await stages.command('compiling TypeScript', tsc))) {
    return false;
  }
  writeFileSync(join(root, tscStamp), '');
  return true;
}

/** The declarations of the bundle are those that the compiler makes. */
async function bundle(stages) {
  if (!needsBundling()) {
    return true;
  }
  const program = [process.execPath, 'scripts/package/bundle.mjs'];
  if (!(await stages.command('bundling', program))) {
    return false;
  }
  writeFileSync(join(root, bundleStamp), '');
  return true;
}

/**
 * Installs and builds what is missing or older than its sources. It ends the process with 1 when
 * it cannot.
 *
 * @param options.stages the run that its stages belong to
 * @param options.withAddon false where only what is compiled from TypeScript is needed
 */
export async function setUp({ stages, withAddon = true } = {}) {
  stages ??= new Stages(countSetUpStages(withAddon));
  const message = withAddon ? obstacle() : null;
  if (message !== null) {
    fail(stages, message);
  }
  const check = (ok) => ok || fail(stages, 'cannot go on without it: its output is above');
  check(await installDependencies(stages));
  await Promise.all([
    withAddon ? buildAddon(stages).then(check) : true,
    compile(stages)
      .then(check)
      .then(() => bundle(stages))
      .then(check),
  ]);
}

function fail(stages, message) {
  stages.kill();
  process.stderr.write(`lstmd: ${message}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const help = `npm run build [-- --no-addon]

Installs dependencies, builds the addon, compiles and bundles; each only where something it is made from is newer.

--no-addon   only what npm pack needs`;
  const { values } = readArguments(help, { options: { 'no-addon': { type: 'boolean' } } });
  await setUp({ withAddon: values['no-addon'] !== true });
}
