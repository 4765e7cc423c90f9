/**
 * `npm run test:tfjs-node -- PYTHON`: runs the tests of the tfjs engine on a real @tensorflow/tfjs-node.
 * Its own install script would download a library, so its addon is built in a temporary folder against
 * the TensorFlow of a Python. PYTHON, or LSTMD_TENSORFLOW_PYTHON, is one with the package tensorflow or
 * tensorflow-cpu.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, refuse } from './arguments.mjs';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const help = `npm run test:tfjs-node -- PYTHON

Runs the tests of the tfjs engine on a real @tensorflow/tfjs-node, built against the TensorFlow of PYTHON, or of
LSTMD_TENSORFLOW_PYTHON.`;
const { words } = readArguments(help, { words: null });
if (words.length > 1) {
  refuse(`one Python is taken, not ${words.join(' and ')}`);
}
const python = words[0] ?? process.env.LSTMD_TENSORFLOW_PYTHON;
const quiet = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0' };

function end(code, message) {
  process.stderr.write(`lstmd: ${message}\n`);
  process.exit(code);
}

if (python === undefined || python === '') {
  end(
    1,
    'tfjs-node was NOT tested: name a Python that has TensorFlow (python3 -m venv, pip install tensorflow-cpu) as the argument or in LSTMD_TENSORFLOW_PYTHON',
  );
}
const found = spawnSync(
  python,
  [
    '-c',
    'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])',
  ],
  { encoding: 'utf8' },
);
if (found.status !== 0) {
  end(
    1,
    `tfjs-node was NOT tested: ${python} has no TensorFlow: ${found.error?.message ?? found.stderr}`,
  );
}
const tensorflow = found.stdout.trim();

await setUp();
const folder = mkdtempSync(join(tmpdir(), 'lstmd-tfjs-node-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function run(title, command, args, options) {
  process.stderr.write(`lstmd: ${title} ...\n`);
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options });
  if (status !== 0) {
    end(1, `${title}: failed`);
  }
}

writeFileSync(join(folder, 'package.json'), '{ "private": true }');
const npm = ['--no-audit', '--no-fund', '--loglevel=error'];
const version = ['@tensorflow/tfjs-node@4.22.0', '--ignore-scripts'];
run('installing tfjs-node', 'npm', ['install', ...version, ...npm], { cwd: folder });

const deps = join(folder, 'node_modules/@tensorflow/tfjs-node/deps');
mkdirSync(join(deps, 'lib'), { recursive: true });
symlinkSync(join(tensorflow, 'include'), join(deps, 'include'));
const links = {
  'libtensorflow_cc.so.2': join(tensorflow, 'libtensorflow_cc.so.2'),
  'libtensorflow_framework.so.2': join(tensorflow, 'libtensorflow_framework.so.2'),
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  // Its install script downloads nothing where there is a file of this name.
  'libtensorflow.so.2.9.1': 'libtensorflow_cc.so.2',
};
for (const [name, target] of Object.entries(links)) {
  symlinkSync(target, join(deps, 'lib', name));
}
run('building its addon', 'npm', ['rebuild', '@tensorflow/tfjs-node', '--foreground-scripts'], {
  cwd: folder,
});

const env = {
  ...process.env,
  ...quiet,
  NODE_PATH: join(folder, 'node_modules'),
  LSTMD_TFJS: '@tensorflow/tfjs-node',
};
const tests = ['build/test/golden/golden.test.js', 'build/test/engine/tfjs/tfjs-engine.test.js'];
run('tests on tfjs-node', process.execPath, ['--test', '--test-name-pattern=tfjs', ...tests], {
  cwd: root,
  env,
});
run('measuring', process.execPath, ['build/bench/cli.js', 'kernel'], { cwd: root, env });
