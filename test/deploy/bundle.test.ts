import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { environment, testFolder, writeConfig } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

// The program as it is shipped: the bundle, with no package beside it but that of the addon.

const model = projectFile('examples/running/running.keras');
const { version } = readJson(projectFile('package.json')) as { readonly version: string };
const addon = `lstmd-linux-${process.arch}`;

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** A folder as npm makes it, with the addon's package in the version that is asked for, or without one. */
function installed(t: TestContext, addonVersion?: string): string {
  const folder = testFolder(t);
  cpSync(projectFile('bundle'), join(folder, 'bundle'), { recursive: true });
  const manifest = { version, type: 'module', bin: { lstmd: 'bundle/cli.js' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  symlinkSync(projectFile('examples'), join(folder, 'examples'));
  if (addonVersion !== undefined) {
    const beside = join(folder, 'node_modules', addon);
    mkdirSync(beside, { recursive: true });
    symlinkSync(projectFile('build/native/Release/lstmd.node'), join(beside, 'lstmd.node'));
    const own = { name: addon, version: addonVersion, main: 'lstmd.node' };
    writeFileSync(join(beside, 'package.json'), JSON.stringify(own));
  }
  return folder;
}

function lstmd(
  folder: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'bundle/cli.js'), ...args],
    { encoding: 'utf8', input: options.input ?? '', env: environment(options.env) },
  );
  return { code: status, stdout, stderr };
}

test('without the addon the bundle computes with the reference engine and says so, and runs no daemon', (t) => {
  const folder = installed(t);
  const predict = ['predict', model, '--mode', 'continuous', '--input', '-'];
  const predicted = lstmd(folder, predict, { input: '0.01,-0.02,0.98\n' });
  assert.equal(predicted.code, 0, predicted.stderr);
  assert.match(predicted.stdout, /^\[0\.\d+\]\n/);
  const install = `npm install ${addon}@${version}`;
  assert.match(predicted.stderr, new RegExp(`using the reference engine: .* ${install}\n`));

  const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/absent' });
  const run = lstmd(folder, ['run', '-c', config]);
  assert.equal(run.code, 69, run.stderr);
  assert.match(run.stderr, new RegExp(`addon is not installed .*: ${install}\n`));
});

test('an addon of another version is refused by name', (t) => {
  const { code, stderr } = lstmd(installed(t, '0.0.1'), ['bench', 'kernel', '--seconds', '0.01']);
  assert.equal(code, 69, stderr);
  assert.match(stderr, new RegExp(`${addon} 0\\.0\\.1 beside lstmd ${version}: npm install`));
});

test('the daemon loads no room that it does not use', (t) => {
  const folder = installed(t, version);
  const coverage = join(folder, 'coverage');
  const link = '/dev/absent';
  const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link });
  const options = { env: { NODE_V8_COVERAGE: coverage } };
  const { code, stderr } = lstmd(folder, ['run', '--check', '-c', config], options);
  assert.equal(code, 0, stderr);
  const [report = ''] = readdirSync(coverage);
  const { result } = readJson(join(coverage, report)) as {
    readonly result: readonly { readonly url: string }[];
  };
  const loaded = new Set(result.map(({ url }) => basename(url)));
  assert.ok(loaded.has('cli.js'));
  const { outputs } = readJson(projectFile('build/bundle/metafile.json')) as {
    readonly outputs: Readonly<
      Record<string, { readonly inputs: Readonly<Record<string, object>> }>
    >;
  };
  const sources = Object.entries(outputs)
    .filter(([file]) => loaded.has(basename(file)))
    .flatMap(([, { inputs }]) => Object.keys(inputs));
  assert.ok(sources.includes('src/agent/agent.ts'));
  // Options of the command line come from two rooms beside it, a list and a parser of which no more is loaded.
  const unused =
    /^src\/(simulator\/(?!converted-source|faults)|detection|evaluation\/(?!window-label)|rows|engine\/(reference|tfjs)|commands\/(?!run|terminal)\w+\/(?!(\w+\/)?command\.ts)|model\/files\/(tfjs|hdf5\/(hdf5-worker|write)))|h5wasm/;
  assert.deepEqual(
    sources.filter((path) => unused.test(path)),
    [],
  );
});
