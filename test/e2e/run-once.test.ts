import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { runCommand } from '../support/command.js';
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
  const config = writeConfig({
    folder,
    brokerUrl: 'mqtt://127.0.0.1:9',
    link: pty.path,
    publish,
  });
  return { folder, config, pty };
}

const rows = Array.from({ length: 40 }, (_, n) => `${n * 7 - 100},${1000 - n * 11},${n * 3}`);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that reads a port, and what it has written so far. */
class Reading {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #news = new EventEmitter();

  constructor(t: TestContext, args: readonly string[]) {
    const child = spawn(process.execPath, [cli, ...args], {
      env: environment(),
      stdio: 'pipe',
    });
    t.after(() => child.kill('SIGKILL'));
    child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.#news.emit('news');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.#news.emit('news');
    });
    this.#child = child;
    this.ended = once(child, 'close').then(([code]: (number | null)[]) => {
      this.#news.emit('news');
      return { code: code ?? null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for what the command writes; it fails where the command ends before. */
  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      assert.equal(this.#child.exitCode, null, this.stderr);
      await once(this.#news, 'news');
    }
  }

  /** Sends rows once the port is open: what came before is thrown away by its opening. */
  async feed(pty: TestPty, lines: readonly string[] = rows): Promise<void> {
    await this.until(() => this.stderr.includes(`reading ${pty.path}`));
    pty.sendBanner();
    await Promise.race([pty.send(lines), this.ended]);
  }
}

describe('lstmd run --once', () => {
  test('prints what it would publish, and touches neither lock nor state', async (t) => {
    const { folder, config, pty } = setUp(t);
    const running = new Reading(t, ['run', '--once', '-c', config, '--samples', '37']);
    await running.feed(pty);
    const { code, stdout, stderr } = await running.ended;
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
    const running = new Reading(t, ['run', '--once', '-c', config, '--stream', 'wearer']);
    await running.feed(pty);
    await running.until(() => running.stdout.includes('\n'));
    assert.match(running.stdout, /^\{"ts":\d+,"boot":0,"seq":1,"p":/);
    running.kill('SIGINT');
    assert.equal((await running.ended).code, 0);
  });

  test('ends with the standard input that it reads', async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({
      folder,
      brokerUrl: 'mqtt://127.0.0.1:9',
      link: 'stdin://',
    });
    const args = ['run', '--once', '-c', config, '--stream', 'wearer'];
    const { code, stdout, stderr } = await runCli(args, {
      input: `boot\n${rows.join('\n')}\n`,
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trimEnd().split('\n').length, rows.length);
  });

  test('ends with 1, and the reason, where a stream gave no sample in its time or its input', async (t) => {
    const folder = testFolder(t);
    const mqtt = { folder, brokerUrl: 'mqtt://127.0.0.1:9' };
    const inputs = writeConfig({ ...mqtt, link: 'stdin://' });
    const args = ['run', '--once', '-c'];
    for (const [input, why] of [
      ['', /wearer: no sample came, and 0 bytes: stdin.*\n/],
      ['boot\n', /wearer: no sample came, and 5 bytes: they are none of .* "lstmd detect"/],
    ] as const) {
      const { code, stderr } = await runCli([...args, inputs], { input });
      assert.equal(code, 1, stderr);
      assert.match(stderr, why);
    }
    // One of several is enough, whatever the others give.
    const two = join(folder, 'two.yaml');
    const model = `{ file: ${projectFile('examples/running/running.keras')}, mode: continuous }`;
    const streamOf = (link: string): string =>
      `{ sensor: { link: "${link}", rateHz: 26, axes: [x, y, z] }, model: ${model} }`;
    writeFileSync(
      two,
      `device: box\nmqtt: { url: "${mqtt.brokerUrl}" }\nstreams:\n  given: ${streamOf('stdin://')}\n` +
        `  absent: ${streamOf('/dev/ttyNone')}\n`,
    );
    const mixed = await runCli([...args, two, '--seconds', '3'], {
      input: `boot\n${rows.join('\n')}\n`,
    });
    assert.equal(mixed.code, 1, mixed.stderr);
    assert.match(mixed.stderr, /given: [1-9]\d* samples/);
    assert.match(mixed.stderr, /absent: no sample came, and 0 bytes: .*\/dev\/ttyNone/);
  });

  test('prints the batch that is not full at its end, and so does a replay', async (t) => {
    const folder = testFolder(t);
    const recording = join(folder, 'a.rec.gz');
    const config = writeConfig({
      folder,
      brokerUrl: 'mqtt://127.0.0.1:9',
      link: 'stdin://',
      publish: `{ batch: ${rows.length - 1} }`,
    });
    for (const args of [
      ['run', '--once', '--record', recording],
      ['replay', recording],
    ]) {
      const { code, stdout, stderr } = await runCli([...args, '-c', config], {
        input: `boot\n${rows.join('\n')}\n`,
      });
      assert.equal(code, 0, stderr);
      const seqs = [...stdout.matchAll(/"seq":(\d+),"p"/g)].map(([, seq]) => Number(seq));
      assert.deepEqual(
        [...new Set(seqs)],
        rows.map((_, n) => n + 1),
      );
    }
  });

  test('says within seconds what is wrong with bytes that are no sample', async (t) => {
    const { config, pty } = setUp(t);
    const running = new Reading(t, ['run', '--once', '-c', config]);
    await running.feed(pty, ['x=1;y=2', 'x=1;y=2', 'x=1;y=2']);
    await running.until(() => running.stderr.includes('the sensor sends, but no sample'));
    running.kill('SIGTERM');
    assert.equal((await running.ended).code, 0);
  });

  test('refuses options of a trial without it, and a stream that is not there', async (t) => {
    const { config } = setUp(t);
    const without = await runCommand(['run', '-c', config, '--seconds', '1']);
    assert.equal(without.code, 64);
    assert.match(without.stderr, /--seconds is for --once/);
    const unknown = await runCommand(['run', '--once', '-c', config, '--stream', 'other']);
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
      const terminal = spawn('script', ['-qfc', command, out], {
        stdio: 'pipe',
        env: environment(),
      });
      t.after(() => terminal.kill('SIGKILL'));
      const closed = once(terminal, 'close');
      let screen = '';
      terminal.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()));
      while (!screen.includes('reading ')) {
        await Promise.race([once(terminal.stdout, 'data'), closed]);
        assert.equal(terminal.exitCode, null, screen);
      }
      pty.sendBanner();
      await Promise.race([pty.send(rows), closed]);
      await closed;
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
    const args = ['predict', model, '--live', pty.path, ...options, '--samples', '40'];
    const running = new Reading(t, args);
    await running.feed(pty);
    const { code, stdout, stderr } = await running.ended;
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
      const { code, stderr } = await runCommand([
        'predict',
        model,
        '--mode',
        'continuous',
        ...args,
      ]);
      assert.ok(code === 64 || code === 78, stderr);
      assert.match(stderr, message);
    }
  });
});
