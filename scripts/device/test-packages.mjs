/**
 * Installs the packages as a user does who has nothing else: from their tarballs, into an empty folder, with no install script
 * run, by each npm on each Node; and runs what was installed: `inspect`, the golden cases by `verify`, the start of a daemon.
 * The Nodes are npm's own packages of it. arm64 runs under qemu.
 *
 *   npm pack && npm run package:addons && node scripts/device/test-packages.mjs [--arch arm64] [--cases 3]
 *
 * It works in build/device, needs the network, and takes a few minutes.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../arguments.mjs';
import { fetchedPackage } from '../package/fetched-package.mjs';
import { run } from '../run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = join(root, 'build/device');
/** Each Node with the versions of npm that run on it. */
const combinations = [
  { node: '20', npm: ['11'] },
  { node: '22', npm: ['11', '12'] },
  { node: '24', npm: ['11', '12'] },
  { node: '26', npm: ['11', '12'] },
];

/** The words by which a Node of a processor is started on this machine. */
function nodeCommand(version, arch) {
  const node = join(root, fetchedPackage(`node-linux-${arch}`, version), 'bin/node');
  return arch === process.arch ? [node] : ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', node];
}

function packed(folder) {
  const { stdout } = run(['npm', 'pack', '--json', '--pack-destination', work], { cwd: folder });
  const [{ filename }] = Object.values(JSON.parse(stdout));
  return join(work, filename);
}

/**
 * An installation by one npm on one Node. npm is run by the Node of this machine where the other is emulated, and then told to
 * take what is for another processor.
 */
function install(folder, node, npm, tarballs, arch) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const cli = join(root, fetchedPackage('npm', npm), 'bin/npm-cli.js');
  const isOwn = arch === process.arch;
  const program = isOwn ? node : [process.execPath];
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const other = isOwn ? [] : ['--force'];
  run([...program, cli, 'install', ...flags, ...other, ...tarballs], { cwd: folder });
}

function check(folder, node, cases) {
  const lstmd = [...node, join(folder, 'node_modules/lstmd/bundle/cli.cjs')];
  const model = join(folder, 'node_modules/lstmd/examples/running/running.keras');
  const { stdout } = run([...lstmd, 'inspect', model, '--json'], { cwd: folder });
  const { engine } = JSON.parse(stdout);
  if (engine.name !== 'native') {
    throw new Error(`the engine is ${engine.name}: ${engine.fallbackReason}`);
  }
  for (const name of cases) {
    const golden = join(root, 'test/golden/cases', name);
    const file = readdirSync(golden).find((entry) => /^model\.(keras|h5)$/.test(entry));
    if (file !== undefined) {
      run([...lstmd, 'verify', join(golden, file), join(golden, 'case.json')], { cwd: folder });
    }
  }
  const script = "import { loadModel } from 'lstmd'; console.log(typeof loadModel);";
  run([...node, '--input-type=module', '-e', script], { cwd: folder });
  return engine.target;
}

/** Without the package of the addon a model is computed, and a daemon ends with the name of what to install. */
function checkWithoutAddon(folder, node) {
  const lstmd = [...node, join(folder, 'node_modules/lstmd/bundle/cli.cjs')];
  const model = join(folder, 'node_modules/lstmd/examples/running/running.keras');
  const predict = ['predict', model, '--mode', 'continuous', '--input', '-'];
  const { stderr } = run([...lstmd, ...predict], { cwd: folder, input: '0.1,0.2,0.9\n' });
  const file = join(folder, 'lstmd.yaml');
  const stream = `{ sensor: { link: /dev/none, rateHz: 26 }, model: { file: ${model}, mode: continuous } }`;
  writeFileSync(file, `mqtt: { url: mqtt://127.0.0.1 }\nstreams: { a: ${stream} }\n`);
  const ended = run([...lstmd, 'run', '-c', file], { cwd: folder, expected: 69 });
  for (const text of [stderr, ended.stderr]) {
    if (!text.includes(`npm install ./lstmd-linux-${process.arch}-`)) {
      throw new Error(`the package of the addon is not named: ${text}`);
    }
  }
}

const architectures = ['x64', 'arm64'];
const nodes = combinations.map(({ node }) => node);
const help = `node scripts/device/test-packages.mjs [--arch ARCH] [--node VERSION] [--cases N]

Installs the packages (npm pack, npm run package:addons) by each npm on each Node, and runs what was installed. It needs the network.

--arch ARCH      one of ${architectures.join(', ')}; may be given again; default all
--node VERSION   one of ${nodes.join(', ')}; may be given again; default all
--cases N        so many golden cases; default all`;
const { values: flags } = readArguments(help, {
  options: {
    arch: { type: 'string', multiple: true, choices: architectures, default: architectures },
    cases: { type: 'string', default: '1000' },
    node: { type: 'string', multiple: true, choices: nodes, default: nodes },
  },
});
const cases = readdirSync(join(root, 'test/golden/cases')).slice(0, Number(flags.cases));
mkdirSync(work, { recursive: true });
const program = packed(root);
for (const arch of flags.arch) {
  const tarballs = [program, packed(join(root, 'build/packages', `lstmd-linux-${arch}`))];
  for (const { node: version, npm } of combinations) {
    if (!flags.node.includes(version)) {
      continue;
    }
    const node = nodeCommand(version, arch);
    const { stdout } = run([...node, '--version']);
    // The files that were installed are the same on an emulated processor, whatever npm did it.
    for (const one of arch === process.arch ? npm : npm.slice(0, 1)) {
      const folder = join(work, `installed-${arch}-${version}-${one}`);
      install(folder, node, one, tarballs, arch);
      const target = check(folder, node, cases);
      if (arch === process.arch) {
        install(folder, node, one, [program], arch);
        checkWithoutAddon(folder, node);
      }
      process.stdout.write(`${arch}, Node ${stdout.trim()}, npm ${one}: ${target}, all as Keras\n`);
    }
  }
}
