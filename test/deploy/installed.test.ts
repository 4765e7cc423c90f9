import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type * as OpenDemoBroker from '#src/commands/demo/open-demo-broker.js';
import { Broker, freePort, needsBroker } from '../support/broker.js';
import { environment } from '../support/daemon.js';
import { cli, projectFile } from '../support/project.js';

// These tests show what is different where the development dependencies are not installed.

/** Makes a folder as npm does: the package, and of node_modules its dependencies alone. */
function installedPackage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-installed-'));
  const { dependencies } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  // A link to what is run would lead Node back to the checkout and all that is installed there.
  for (const from of new Set([dirname(cli), projectFile('dist')])) {
    cpSync(from, join(folder, basename(from)), { recursive: true });
  }
  for (const name of ['package.json', 'build', 'examples']) {
    symlinkSync(projectFile(name), join(folder, name));
  }
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(projectFile(`node_modules/${name}`), link);
  }
  return folder;
}

function demo(folder: string, ...options: string[]): { code: number | null; text: string } {
  const program = join(folder, basename(dirname(cli)), basename(cli));
  const args = [program, 'demo', '--seconds', '1.5'];
  const state = ['--state-directory', join(folder, 'state')];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...state, ...options], {
    encoding: 'utf8',
    env: environment(),
  });
  return { code: status, text: stdout + stderr };
}

describe('an installed package', () => {
  let folder = '';

  before(() => {
    folder = installedPackage();
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  test('shows the demo on a Mosquitto that it starts', { skip: needsBroker() }, async () => {
    const port = await freePort();
    const { code, text } = demo(folder, '--port', String(port));
    assert.equal(code, 0, text);
    assert.match(text, new RegExp(`subscribe: mqtt://127\\.0\\.0\\.1:${port} `));
    assert.match(text, /sample \d+ .* running 0\.\d{3}/);
    assert.match(text, /State saved after sample \d+/);
  });

  test('shows the demo on a broker that is named', { skip: needsBroker() }, async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.remove());
    const { code, text } = demo(folder, '--broker', broker.url);
    assert.equal(code, 0, text);
    assert.match(text, /sample \d+ .* running 0\.\d{3}/);
  });

  test('names what to install where there is no broker', async () => {
    const file = join(folder, 'dist/commands/demo/open-demo-broker.js');
    const { openDemoBroker } = (await import(pathToFileURL(file).href)) as typeof OpenDemoBroker;
    await assert.rejects(openDemoBroker({ port: 0 }, ['/nowhere']), {
      code: 'publish.unavailable',
      message: /apt-get install mosquitto, or name one that runs with --broker/,
    });
  });

  test('logs JSON where pretty lines are asked for, and says what they need', async () => {
    const file = join(folder, 'dist/observe/process-log.js');
    const script = `
      import { createProcessLog } from ${JSON.stringify(pathToFileURL(file).href)};
      createProcessLog({ level: 'info', format: process.argv[1] }).info({ n: 1 }, 'hello');`;
    const log = async (format: string): Promise<string[]> => {
      const args = ['--input-type=module', '-e', script, format];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const [code] = (await once(child, 'close')) as [number | null];
      assert.equal(code, 0, stderr);
      return stderr.trimEnd().split('\n');
    };
    const [notice = '', line = '', ...more] = await log('pretty');
    assert.match(notice, /pino-pretty is not installed.*npm install pino-pretty/);
    assert.equal((JSON.parse(line) as { msg: string }).msg, 'hello');
    assert.deepEqual(more, []);
    const [quiet = '', ...others] = await log('auto');
    assert.equal((JSON.parse(quiet) as { msg: string }).msg, 'hello');
    assert.deepEqual(others, []);
  });
});
