import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
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
  const manifest = { version, type: 'module', bin: { lstmd: 'bundle/cli.cjs' } };
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
    [join(folder, 'bundle/cli.cjs'), ...args],
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
  const install = `npm install ./${addon}-${version}.tgz`;
  assert.match(
    predicted.stderr,
    new RegExp(`using the reference engine: .* ${install}, .* docs/install\\.md\n`),
  );

  const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/absent' });
  const run = lstmd(folder, ['run', '-c', config]);
  assert.equal(run.code, 69, run.stderr);
  assert.match(
    run.stderr,
    new RegExp(`addon is not installed .*: ${install}, .* docs/install\\.md\n`),
  );

  // What is said of a file is what \`run\` does with it, with the same code.
  assert.equal(lstmd(folder, ['run', '--check', '-c', config]).code, 69);
  assert.equal(lstmd(folder, ['doctor']).code, 69);
  const doctor = lstmd(folder, ['doctor', '-c', config]);
  assert.equal(doctor.code, 69, doctor.stdout);
  assert.match(
    doctor.stdout,
    /^addon +fault +the native addon is not installed [^:]*: npm install [^:]*; without it "lstmd run" ends with 69$/m,
  );
  assert.match(
    doctor.stdout,
    /^engine native +missing +it is in the addon: install the addon, as above/m,
  );
  assert.match(doctor.stdout, /^stream wearer +fault .*: install the addon, .* ends with 69/m);
});

test('the example of a subscriber says in one line that no broker is there', (t) => {
  const folder = installed(t);
  const exports = { './client': './bundle/client.js' };
  const manifest = { name: 'lstmd', version, type: 'module', exports };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  // By a link Node would find the client of the checkout.
  mkdirSync(join(folder, 'copied'));
  const example = join(folder, 'copied/subscribe.mjs');
  cpSync(projectFile('examples/subscribe.mjs'), example);
  const args = [example, 'mqtt://127.0.0.1:1'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.match(stderr, /^mqtt:\/\/127\.0\.0\.1:1: .{1,200}\n$/);
  assert.equal(status, 69);
});

test('an addon of another version is refused by name', (t) => {
  const { code, stderr } = lstmd(installed(t, '0.0.1'), ['bench', 'kernel', '--seconds', '0.01']);
  assert.equal(code, 69, stderr);
  assert.match(
    stderr,
    new RegExp(`${addon} 0\\.0\\.1 beside lstmd ${version}: npm install \\./${addon}-`),
  );
});

interface Covered {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** The sources that were run, of those that are loaded when they are needed: the bundler makes a function of each. */
function sourcesRun(functions: readonly Covered[]): string[] {
  const text = readFileSync(projectFile('bundle/program.cjs'), 'latin1');
  const map = new SourceMap(
    readJson(projectFile('build/bundle/program.cjs.map')) as SourceMapPayload,
  );
  return functions
    .filter(({ startOffset, endOffset, count }) => {
      // One that does nothing has no place in the map.
      const body = /^\([\w$,]*\)=>\{"use strict";./.exec(text.slice(startOffset, endOffset));
      return count > 0 && body !== null;
    })
    .map(({ startOffset, endOffset }) => {
      // The middle of it: what the bundle's script replaces is some characters longer than the map has it.
      const before = text.slice(0, Math.floor((startOffset + endOffset) / 2)).split('\n');
      const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
      return 'originalSource' in entry ? entry.originalSource.replace(/^(\.\.\/)+/, '') : '';
    });
}

test('the daemon runs the code of no room that it does not use, and loads no TLS without need', (t) => {
  const folder = installed(t, version);
  const coverage = join(folder, 'coverage');
  const loaded = join(folder, 'loaded.json');
  const preload = join(folder, 'preload.cjs');
  writeFileSync(
    preload,
    `process.once('exit', () => {
      require('node:fs').writeFileSync(${JSON.stringify(loaded)}, JSON.stringify(process.moduleLoadList));
    });`,
  );
  const link = '/dev/absent';
  const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link });
  const env = { NODE_V8_COVERAGE: coverage, NODE_OPTIONS: `--require ${preload}` };
  const { code, stderr } = lstmd(folder, ['run', '--check', '-c', config], { env });
  assert.equal(code, 0, stderr);
  const [report = ''] = readdirSync(coverage);
  const { result } = readJson(join(coverage, report)) as {
    readonly result: readonly {
      readonly url: string;
      readonly functions: readonly {
        readonly ranges: readonly Covered[];
      }[];
    }[];
  };
  const program = result.find(({ url }) => basename(url) === 'program.cjs');
  const sources = sourcesRun(
    (program?.functions ?? []).flatMap(({ ranges }) => ranges.slice(0, 1)),
  );
  assert.ok(sources.includes('src/agent/agent.ts'));
  const unused =
    /^src\/(simulator|detection|evaluation|rows|engine\/(reference|tfjs)|commands\/(?!run|terminal|command-line)|model\/files\/(tfjs|hdf5\/(hdf5-worker|write)))/;
  assert.deepEqual(
    sources.filter((path) => unused.test(path)),
    [],
  );
  assert.ok(!result.some(({ url }) => url.includes('h5wasm')));
  const modules = readJson(loaded) as readonly string[];
  assert.ok(modules.includes('NativeModule net'));
  for (const name of ['child_process', 'tls']) {
    assert.ok(!modules.includes(`NativeModule ${name}`), name);
  }
});

test('keeps the code that it compiled for the next start', (t) => {
  const folder = installed(t, version);
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  const kept = (): string => {
    const { code, stdout, stderr } = lstmd(folder, ['ports', '--json'], {
      env: { CACHE_DIRECTORY: cache },
    });
    assert.equal(code, 0, stderr);
    assert.ok(Array.isArray(JSON.parse(stdout)));
    return readdirSync(cache)
      .map((name) => `${name} ${statSync(join(cache, name)).ino}`)
      .join();
  };
  const first = kept();
  assert.match(first, /^[0-9a-f]{16}-[0-9a-f]{16}-ports-v[\d.]+-\w+\.code \d+$/);
  assert.equal(kept(), first, 'what is good is not written again');
});

/** A folder with the launcher of the bundle, and a program that is only this function. */
function launcherOf(t: TestContext, run: string): string {
  const folder = testFolder(t);
  mkdirSync(join(folder, 'bundle'));
  cpSync(projectFile('bundle/cli.cjs'), join(folder, 'bundle/cli.cjs'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version, type: 'module' }));
  writeFileSync(join(folder, 'bundle/program.cjs'), `(() => ({ runProgram: ${run} }))\n//0\n`);
  return folder;
}

test('a daemon keeps its code once it has started, and not when it fails before', (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ['async () => {}', 0],
    ['async (started) => { started(); process.exitCode = 1; }', 0],
    ['async (started) => started?.()', 1],
  ];
  for (const [run, files] of cases) {
    const folder = launcherOf(t, run);
    const cache = join(folder, 'cache');
    mkdirSync(cache);
    const kept = (): readonly number[] => {
      lstmd(folder, ['run'], { env: { CACHE_DIRECTORY: cache } });
      return readdirSync(cache).map((name) => statSync(join(cache, name)).ino);
    };
    const first = kept();
    assert.equal(first.length, files, run);
    assert.deepEqual(kept(), first, 'what is good is not written again');
  }
});

test('a command that waits for what can never come does not end well', (t) => {
  const { code } = lstmd(launcherOf(t, '() => new Promise(() => {})'), ['predict']);
  assert.equal(code, 13);
});
