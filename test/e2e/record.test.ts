import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { openRecording } from '#src/recording/recording-reader.js';
import { RecordingWriter } from '#src/recording/recording-writer.js';
import { runCommand } from '../support/command.js';
import { AnsweringPort } from '#src/simulator/answering-port.js';
import { encoderNamed } from '#src/simulator/encoders/registry.js';
import { environment, predictRows, runCli, testFolder, writeConfig } from '../support/daemon.js';
import { cli, projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';
import { needsProgram } from '../support/requirement.js';

interface Setup {
  readonly folder: string;
  readonly config: string;
  readonly file: string;
  readonly pty: TestPty;
}

function setUp(t: TestContext): Setup {
  const pty = new TestPty(t);
  pty.port.plug();
  const folder = testFolder(t);
  const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: pty.path });
  return { folder, config, pty, file: join(folder, 'walk.rec.gz') };
}

function start(t: TestContext, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [cli, ...args], { env: environment(), stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** All that a process writes to a stream, and a promise of the moment when a pattern stands in it. */
class Heard {
  text = '';
  readonly #stream: NodeJS.ReadableStream;

  constructor(stream: NodeJS.ReadableStream | null) {
    assert.ok(stream !== null);
    this.#stream = stream.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      await once(this.#stream, 'data');
    }
  }
}

function rows(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${(first + n) * 7 - 100},1000,${first + n}`);
}

/** Resolves when the file on disk shows a pattern. */
async function untilRecorded(file: string, pattern: RegExp): Promise<void> {
  const watcher = watch(dirname(file));
  const text = (): string =>
    existsSync(file)
      ? // What is being written ends anywhere.
        gunzipSync(readFileSync(file), { finishFlush: constants.Z_SYNC_FLUSH }).toString()
      : '';
  while (!pattern.test(text())) {
    await once(watcher, 'change');
  }
  watcher.close();
}

describe('a recording', () => {
  test('gives in a replay what was printed while it was made, bit for bit', async (t) => {
    const { config, file, pty } = setUp(t);
    const child = start(t, ['run', '--once', '-c', config, '--record', file]);
    const out = new Heard(child.stdout);
    const log = new Heard(child.stderr);
    await log.until(/reading/);
    pty.sendBanner();
    // One after the other, a bunch at once, a garbled row, and an unplug.
    for (const row of rows(0, 5)) {
      await pty.send([row]);
    }
    await pty.send(rows(5, 9));
    await pty.send(['1,2,garbled', ...rows(15, 3)]);
    await out.until(/"seq":17,/);
    pty.port.unplug();
    pty.port.plug();
    await log.until(/reading[^]*unplugged[^]*reading/);
    pty.sendBanner();
    await pty.send(rows(18, 4));
    await out.until(/"seq":21,.*\n/);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.match(out.text, /"gapMs":\d+/);

    for (const speed of ['max', '50']) {
      const replayed = await runCommand(['replay', file, '-c', config, '--speed', speed]);
      assert.equal(replayed.code, 0, replayed.stderr);
      assert.equal(replayed.stdout, out.text);
    }
    const checked = await runCommand(['replay', file, '--check']);
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stderr, /21 samples, the same bit for bit/);
    const exported = await runCommand(['record', 'export', file]);
    assert.equal((await runCommand(['replay', file])).stdout, exported.stdout);
    assert.match(exported.stdout, /^time_ms,x,y,z,label\n\d+(\.\d+)?,-100,1000,0,\n/);

    const text = gunzipSync(readFileSync(file)).toString();
    writeFileSync(file, gzipSync(text.replace(',1000,7]', ',1000,8]')));
    const other = await runCommand(['replay', file, '--check']);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /recorded \S+,1000,8, replayed \S+,1000,7/);
  });

  test(
    'has the labels of the keys that were pressed, and is whole at Ctrl-C',
    { skip: needsProgram('script', 'bsdutils') },
    async (t) => {
      const { config, folder, file, pty } = setUp(t);
      const command = `${process.execPath} ${cli} record -c ${config} -o ${file} --label rest --labels walk,run`;
      const terminal = spawn('script', ['-qfc', command, '/dev/null'], {
        stdio: 'pipe',
        env: environment(),
      });
      t.after(() => terminal.kill('SIGKILL'));
      const shown = new Heard(terminal.stdout);
      await shown.until(/keys: 0 no label, 1 walk, 2 run[^]*reading/);
      pty.sendBanner();
      for (const [n, key] of ['2', '0', '1', '\u0003'].entries()) {
        await pty.send(rows(2 * n, 2));
        await shown.until(new RegExp(`${2 * n + 2} samples`));
        terminal.stdin.write(key);
        await shown.until(
          new RegExp(['label run', 'label none', 'label walk', 'KiB\\r\\n'][n] ?? ''),
        );
      }
      await once(terminal, 'close');
      const csv = join(folder, 'walk.csv');
      const { code, stderr } = await runCommand(['record', 'export', file, '-o', csv]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(
        readFileSync(csv, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => line.split(',').at(-1)),
        ['label', 'rest', 'rest', 'run', 'run', '', '', 'walk', 'walk'],
      );
      let last = '';
      for await (const { kind } of (await openRecording(file)).entries) {
        last = kind;
      }
      assert.equal(last, 'end');
    },
  );

  test('can be read after a kill', async (t) => {
    const { config, file, pty } = setUp(t);
    const child = start(t, ['record', '-c', config, '-o', file, '--label', 'running']);
    await new Heard(child.stderr).until(/reading/);
    pty.sendBanner();
    await pty.send(rows(0, 6));
    await untilRecorded(file, /,1000,5\]/);
    child.kill('SIGKILL');
    await once(child, 'close');
    const { stdout } = await runCommand(['record', 'export', file]);
    assert.equal(stdout.match(/,running\n/g)?.length, 6);
    const checked = await runCommand(['replay', file, '--check']);
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stderr, /6 samples, the same bit for bit; the recording was cut/);
  });

  test('that is damaged gives the samples before the damage', async (t) => {
    const folder = testFolder(t);
    const whole = join(folder, 'whole.rec.gz');
    const damaged = join(folder, 'damaged.rec.gz');
    const csv = join(folder, 'walk.csv');
    const header = { stream: 's', axes: ['x', 'y'], sensor: { link: '/dev/ttyUSB0' } };
    const writer = await RecordingWriter.create(whole, {
      version: '0.1.0',
      startedMs: 0,
      ...header,
    });
    for (let n = 0; n < 5000; n += 1) {
      const [timeMs, values] = [Float64Array.of(n), Float32Array.of(n, -n)];
      writer.write({ kind: 'samples', count: 1, timeMs, values });
    }
    await writer.end(5000);
    const lines = gunzipSync(readFileSync(whole)).toString().split('\n');
    writeFileSync(
      damaged,
      gzipSync([...lines.slice(0, 4001), 'noise', ...lines.slice(4001)].join('\n')),
    );
    for (const output of [[], ['-o', csv]]) {
      const { code, stdout, stderr } = await runCli(['record', 'export', damaged, ...output]);
      assert.equal(code, 65);
      assert.match(
        stderr,
        /damaged\.rec\.gz, line 4002 of its text: no entry of a recording: noise/,
      );
      const text = output.length === 0 ? stdout : readFileSync(csv, 'utf8');
      assert.equal(text.trimEnd().split('\n').length, 1 + 4000);
    }
  });

  test('ends after so many samples, and is never made over another file', async (t) => {
    const { config, file, pty } = setUp(t);
    const args = ['record', '-c', config, '-o', file, '--samples', '4'];
    const child = start(t, args);
    const log = new Heard(child.stderr);
    const closed = once(child, 'close');
    await log.until(/reading/);
    pty.sendBanner();
    await Promise.race([pty.send(rows(0, 8)), closed]);
    assert.deepEqual(await closed, [0, null], log.text);
    assert.match(log.text, /walk\.rec\.gz: \d samples, label none, \d+ KiB/);
    const again = await runCommand(args);
    assert.equal(again.code, 73);
    assert.match(again.stderr, /cannot begin .*walk\.rec\.gz: file already exists/);
  });
});

/** A file of six samples with a label. */
async function recorded(t: TestContext): Promise<Setup> {
  const setup = setUp(t);
  const { config, file, pty } = setup;
  const args = ['record', '-c', config, '-o', file, '--label', 'running', '--samples', '6'];
  const child = start(t, args);
  const log = new Heard(child.stderr);
  const closed = once(child, 'close');
  await log.until(/reading/);
  pty.sendBanner();
  await Promise.race([pty.send(rows(0, 6)), closed]);
  assert.deepEqual(await closed, [0, null], log.text);
  return setup;
}

/** The readings of each sample of a recording, after the names of the axes. */
async function readings(path: string): Promise<string[]> {
  const { stdout } = await runCommand(['record', 'export', path]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').slice(1, 4).join(','));
}

describe('a recording in the place of a sensor', () => {
  test('is a link, whose file is taken from the folder of the configuration', async (t) => {
    const { config, pty } = await recorded(t);
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace(pty.path, '"recording:walk.rec.gz", speed: 50, loop: true'));
    const { code, stdout, stderr } = await runCommand([
      'run',
      '--once',
      '-c',
      config,
      '--samples',
      '12',
    ]);
    assert.equal(code, 0, stderr);
    const seqs = [...stdout.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
    assert.deepEqual(
      seqs,
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
    assert.match(stdout, /"seq":7,.*"gapMs":\d+/);
  });

  test('is played by simulate with its own bytes', async (t) => {
    const { config, file, folder, pty } = await recorded(t);
    pty.port.stop();
    const playing = runCli(['simulate', '--link', pty.path, '--recording', file, '--speed', '20']);
    const again = join(folder, 'again.rec.gz');
    const { code, stderr } = await runCommand([
      'record',
      '-c',
      config,
      '-o',
      again,
      '--samples',
      '6',
    ]);
    assert.equal(code, 0, stderr);
    assert.equal((await playing).code, 0);
    assert.deepEqual(await readings(again), await readings(file));
  });

  test('has samples and labels for predict and evaluate', async (t) => {
    const { file } = await recorded(t);
    const model = projectFile('examples/running/running.keras');
    const options = ['--mode', 'continuous', '--scale', '0.001'];
    const { code, stdout, stderr } = await runCommand([
      'predict',
      model,
      ...options,
      '--input',
      file,
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as number[])[0]),
      await predictRows(rows(0, 6)),
    );
    const labels = ['--labels', 'column:label', '--classes', 'running', '--json'];
    const judged = await runCommand(['evaluate', model, ...options, '--data', file, ...labels]);
    assert.equal(judged.code, 0, judged.stderr);
    assert.match(judged.stdout, /"samples":\s*6/);
  });
});

test('records a sensor that is asked, and gives in a replay what it gave, unanswered requests included', async (t) => {
  const pty = new TestPty(t);
  pty.port.plug();
  const folder = testFolder(t);
  const config = writeConfig({
    folder,
    brokerUrl: 'mqtt://127.0.0.1:9',
    link: pty.path,
  });
  const sensor = `rateHz: 50, decoder: modbus, slave: 0x50, answerTimeoutMs: 50,
      registers: { x: { address: 0x34 }, y: { address: 0x35 }, z: { address: 0x36 } }`;
  writeFileSync(config, readFileSync(config, 'utf8').replace('rateHz: 26', sensor));
  const encoder = encoderNamed('modbus');
  const encode = encoder.create(3);
  const slave = encoder.answering?.();
  assert.ok(slave);
  let asked = 0;
  const port = new AnsweringPort(pty.port, {
    answers: (heard) => {
      asked += 1;
      const row = encode(Float32Array.of(asked, -asked, 2048));
      // Each fifth request is not answered.
      return slave.answers(heard, row).filter(() => asked % 5 !== 0);
    },
  });
  port.write(encode(new Float32Array(3)));
  t.after(() => port.close());

  const file = join(folder, 'asked.rec.gz');
  const made = await runCli(['record', '-c', config, '--output', file, '--samples', '30']);
  assert.equal(made.code, 0, made.stderr);
  const { entries } = await openRecording(file);
  const kinds = new Map<string, number>();
  for await (const { kind } of entries) {
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  assert.ok((kinds.get('asked') ?? 0) >= 35 && (kinds.get('gaveUp') ?? 0) >= 5, [...kinds].join());

  const checked = await runCli(['replay', '--check', file]);
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stderr, /3\d samples, the same bit for bit/);
  const replayed = await runCli(['replay', file]);
  assert.match(replayed.stdout, /^time_ms,x,y,z,label\n\d+[.\d]*,1,-1,2048,\n/);
});
