import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { environment, predictRows, runCli, testFolder, writeConfig } from '../support/daemon.js';
import { cli, projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';
import { needsProgram } from '../support/requirement.js';

interface Trial {
  readonly folder: string;
  readonly config: string;
  readonly pty: TestPty;
}

function setUp(t: TestContext, publish = '{}'): Trial {
  const pty = new TestPty(t);
  pty.port.plug();
  const folder = testFolder(t);
  const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: pty.path, publish });
  return { folder, config, pty };
}

const rows = Array.from({ length: 40 }, (_, n) => `${n * 7 - 100},${1000 - n * 11},${n * 3}`);

/** Sends rows as soon as the port is open. */
async function feed(pty: TestPty, lines: readonly string[] = rows): Promise<void> {
  await pty.port.whenRead();
  pty.sendBanner();
  await pty.send(lines);
}

describe('lstmd run --once', () => {
  test('prints what it would publish, and touches neither lock nor state', async (t) => {
    const { folder, config, pty } = setUp(t);
    const running = runCli(['run', '--once', '-c', config, '--samples', '37']);
    await feed(pty);
    const { code, stdout, stderr } = await running;
    assert.equal(code, 0, stderr);
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const predictions = records.filter(({ topic }) => topic === 'wearer/prediction');
    assert.deepEqual(
      predictions.map(({ p }) => (p as { running: number }).running),
      (await predictRows(rows)).slice(0, 37),
    );
    assert.deepEqual(
      predictions.map(({ seq }) => seq),
      Array.from({ length: 37 }, (_, n) => n + 1),
    );
    assert.equal(records[0]?.['boot'], 0);
    assert.match(stderr, /wearer: 37 samples in .*\/s \(26 configured\); 37 predictions/);
    assert.ok(!existsSync(join(folder, 'state')));
  });

  test('prints the payload alone of one stream, and ends at Ctrl-C in exit 0', async (t) => {
    const { config, pty } = setUp(t);
    const args = [cli, 'run', '--once', '-c', config, '--stream', 'wearer'];
    const child = spawn(process.execPath, args, { env: environment(), stdio: 'pipe' });
    t.after(() => child.kill('SIGKILL'));
    await feed(pty);
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    assert.match(first.toString(), /^\{"ts":\d+,"boot":0,"seq":1,"p":/);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'close'), [0, null]);
  });

  test('says within seconds what is wrong with bytes that are no sample', async (t) => {
    const { config, pty } = setUp(t);
    const args = [cli, 'run', '--once', '-c', config];
    const child = spawn(process.execPath, args, { env: environment(), stdio: 'pipe' });
    t.after(() => child.kill('SIGKILL'));
    await pty.port.whenRead();
    await pty.send(['x=1;y=2', 'x=1;y=2', 'x=1;y=2']);
    let said = '';
    while (!said.includes('the sensor sends, but no sample')) {
      const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
      said += chunk.toString();
    }
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0);
  });

  test('refuses options of a trial without it, and a stream that is not there', async (t) => {
    const { config } = setUp(t);
    const without = await runCli(['run', '-c', config, '--seconds', '1']);
    assert.equal(without.code, 64);
    assert.match(without.stderr, /--seconds is for --once/);
    const unknown = await runCli(['run', '--once', '-c', config, '--stream', 'other']);
    assert.equal(unknown.code, 64);
    assert.match(unknown.stderr, /--stream other: there is none; there are: wearer/);
  });

  test(
    'shows a live view on a terminal',
    { skip: needsProgram('script', 'bsdutils') },
    async (t) => {
      const { folder, config, pty } = setUp(t, '{ events: [{ label: running, on: 0, off: 0 }] }');
      const out = join(folder, 'typescript');
      const command = `${process.execPath} ${cli} run --once -c ${config} --samples 40`;
      const terminal = spawn('script', ['-qfc', command, out], { stdio: 'ignore' });
      t.after(() => terminal.kill('SIGKILL'));
      await feed(pty);
      await once(terminal, 'close');
      const escapes = new RegExp(`${String.fromCharCode(27)}\\[[?0-9;]*[A-Za-z]`, 'g');
      const shown = readFileSync(out, 'utf8').replaceAll(escapes, '');
      assert.match(shown, /wearer {3}running {3}continuous {3}native/);
      assert.match(shown, /sensor +\S+ttyTEST .*sample 40/);
      assert.match(shown, /running +[█░]+ 0\.\d{3}/);
      assert.match(shown, /event +running on at sample 1/);
    },
  );
});

describe('lstmd predict --live', () => {
  const model = projectFile('examples/running/running.keras');

  test('gives the outputs of a port without a configuration', async (t) => {
    const { pty } = setUp(t);
    const options = ['--mode', 'continuous', '--rate-hz', '26', '--scale', '0.001'];
    const running = runCli(['predict', model, '--live', pty.path, ...options, '--samples', '40']);
    await feed(pty);
    const { code, stdout, stderr } = await running;
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => Object.values((JSON.parse(line) as { p: object }).p)[0] as number),
      await predictRows(rows),
    );
  });

  test('says what is wrong with its options', async (t) => {
    const folder = testFolder(t);
    const input = join(folder, 'rows.csv');
    writeFileSync(input, rows.join('\n'));
    for (const [args, message] of [
      [[], /either --input FILE .* or --live PORT/],
      [['--live', '/dev/x', '--input', input], /either --input FILE .* or --live PORT/],
      [['--live', '/dev/x'], /--live needs --rate-hz/],
      [['--live', '/dev/x', '--rate-hz', '26', '--format', 'csv'], /--format csv: with --input/],
      [
        ['--live', '/dev/x', '--rate-hz', '26', '--decoder', 'cvs'],
        /sensor\.decoder: must be one of "csv"/,
      ],
    ] as const) {
      const { code, stderr } = await runCli(['predict', model, '--mode', 'continuous', ...args]);
      assert.ok(code === 64 || code === 78, stderr);
      assert.match(stderr, message);
    }
  });
});
