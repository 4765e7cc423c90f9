import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { basename, dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { cli, projectFile } from '../support/project.js';
import { Draw } from '../support/draw.js';
import { TestPty } from '../support/pty.js';
import { needsProgram } from '../support/requirement.js';
import { newestState } from '../support/newest-state.js';
import { isLong, needsLongRun } from './long-run.js';

/** The signal comes with the first of these system calls, on one of these paths where some are named. */
interface Stage {
  readonly what: string;
  readonly call: string;
  readonly path?: (bench: Bench) => string;
  readonly checkpointSeconds?: number;
  /** The process has begun nothing yet, so the signal may end it as it ends any other. */
  readonly isBeforeAnything?: boolean;
}

const isBundle = basename(cli) === 'cli.cjs';
/** The file of which nearly all of the program hangs. As it is shipped that is all of it, so that before it there is nothing. */
const program = join(dirname(cli), isBundle ? 'program.cjs' : 'commands/command-line.js');

const stages: readonly Stage[] = [
  {
    what: 'loading the program',
    call: 'openat',
    path: () => program,
    isBeforeAnything: isBundle,
  },
  { what: 'reading the configuration', call: 'openat', path: ({ config }) => config },
  {
    what: 'loading the model',
    call: 'openat',
    path: () => projectFile('examples/running/running.keras'),
  },
  { what: 'taking the lock', call: 'flock' },
  { what: 'counting the boot', call: 'rename' },
  { what: 'loading the state', call: 'openat', path: ({ state }) => join(state, 'slot-a.state') },
  { what: 'connecting to the broker', call: 'connect' },
  { what: 'opening the sensor', call: 'openat', path: ({ pty }) => pty.path },
  {
    what: 'saving the state',
    call: 'fdatasync',
    path: ({ state }) => join(state, 'slot-a.state'),
    checkpointSeconds: 0.05,
  },
  { what: 'starting', call: 'openat', path: () => cli, isBeforeAnything: true },
];

const chosen = isLong ? stages : stages.filter((_, n) => n % 2 === 0);

class Bench {
  readonly pty: TestPty;
  readonly folder: string;
  readonly config: string;

  constructor(t: TestContext, brokerUrl: string, checkpointSeconds = 36_000) {
    this.pty = new TestPty(t);
    this.pty.port.plug();
    this.folder = testFolder(t);
    this.config = writeConfig({
      folder: this.folder,
      brokerUrl,
      link: this.pty.path,
      state: `{ checkpointSeconds: ${checkpointSeconds}, onGap: { then: keep } }`,
    });
  }

  /** The directory of the stream's slots. */
  get state(): string {
    return join(this.folder, 'state/wearer');
  }

  /** Sends a row every 2 ms, as a sensor does, the same ones each time, until it is stopped. */
  async feed(stop: AbortSignal): Promise<void> {
    for (let n = 0; !stop.aborted; n += 1) {
      this.pty.port.write(Buffer.from(`${900 + (n % 7)},-80,25\n`));
      await sleep(2);
    }
  }

  /** Ended by the signal with exit code 0, and all that was stepped is on flash. */
  async judge(daemon: Daemon, isBeforeAnything = false): Promise<number> {
    const code = await daemon.exited;
    if (daemon.signal === 'SIGTERM' && isBeforeAnything) {
      assert.deepEqual(daemon.lines, []);
      assert.ok(!existsSync(join(this.folder, 'state')));
      return 0;
    }
    assert.equal(code, 0, `${daemon.signal}\n${daemon.text}`);
    const unexpected = daemon.lines.filter(
      ({ level, msg }) => level === 'error' || (level === 'text' && !msg.startsWith('strace: ')),
    );
    assert.deepEqual(unexpected, []);
    const record = await newestState(this.state);
    const { saved } = await daemon.logged(/^stopped/);
    const { wearer } = saved as { wearer?: number };
    assert.equal(wearer ?? 0, record?.sampleCount ?? 0);
    return record?.sampleCount ?? 0;
  }
}

describe('SIGTERM', { skip: needsBroker(), timeout: 1_200_000 }, () => {
  test(
    'ends in exit 0 whatever the daemon is about to do',
    { skip: needsProgram('strace', 'strace') },
    async (t) => {
      const broker = await Broker.start();
      t.after(() => broker.remove());
      for (const { what, call, path, checkpointSeconds, isBeforeAnything } of chosen) {
        for (let round = 0; round < (isLong ? 10 : 1); round += 1) {
          const bench = new Bench(t, broker.url, checkpointSeconds);
          const under = ['strace', '-f', '-qqq', '-o', join(bench.folder, 'trace')];
          under.push('-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGTERM:when=1`);
          if (path !== undefined) {
            under.push('-P', path(bench));
          }
          const daemon = new Daemon(t, bench.config, {}, under);
          const stop = new AbortController();
          const feeding = bench.feed(stop.signal);
          const samples = await bench.judge(daemon, isBeforeAnything);
          stop.abort();
          await feeding;
          if (call === 'fdatasync') {
            assert.ok(samples > 0);
          }
          if (round === 0) {
            t.diagnostic(`${what}: ${daemon.signal ?? 'exit 0'}, ${samples} samples`);
          }
        }
      }
    },
  );

  test('ends in exit 0 while the broker accepts and says nothing, or is not there', async (t) => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    t.after(() => mute.close());
    const address = mute.address();
    assert.ok(typeof address === 'object' && address !== null);
    for (const port of [address.port, 9]) {
      const bench = new Bench(t, `mqtt://127.0.0.1:${port}`);
      const daemon = new Daemon(t, bench.config);
      if (port === 9) {
        await daemon.logged(/no connection to the broker/);
      } else {
        await once(mute, 'connection');
      }
      await daemon.logged(/^reading /);
      bench.pty.sendBanner();
      await bench.pty.send(['900,-80,25', '1,2']);
      await daemon.logged(/lost a row/);
      await daemon.end();
      assert.equal(await bench.judge(daemon), 1);
    }
  });

  test('ends in exit 0 though it comes again and again, with the state of the last sample', async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/wearer/prediction');
    const bench = new Bench(t, broker.url);
    const daemon = new Daemon(t, bench.config);
    await daemon.logged(/^reading /);
    bench.pty.sendBanner();
    const stop = new AbortController();
    const feeding = bench.feed(stop.signal);
    await subscriber.until((received) => received.length > 20);
    for (let n = 0; n < 50; n += 1) {
      process.kill(daemon.pid, n % 2 === 0 ? 'SIGTERM' : 'SIGINT');
      await new Promise(setImmediate);
      if (daemon.lines.some(({ msg }) => msg.startsWith('stopped'))) {
        break;
      }
    }
    const samples = await bench.judge(daemon);
    stop.abort();
    await feeding;
    await subscriber.until((received) => received.length >= samples);
    assert.equal(subscriber.received.length, samples);
    // The prediction published last is that of the last sample in the state.
    const last = JSON.parse(subscriber.received.at(-1)?.payload ?? '') as {
      p: { running: number };
    };
    const rows = Array.from({ length: samples }, (_, n) => `${900 + (n % 7)},-80,25`);
    assert.equal(last.p.running, (await predictRows(rows)).at(-1));
  });

  test('SIGHUP saves and ends in exit 0 as well', async (t) => {
    const bench = new Bench(t, 'mqtt://127.0.0.1:9');
    const daemon = new Daemon(t, bench.config);
    await daemon.logged(/^reading /);
    bench.pty.sendBanner();
    await bench.pty.send(['900,-80,25', '1,2']);
    await daemon.logged(/lost a row/);
    await daemon.end('SIGHUP');
    assert.equal(await bench.judge(daemon), 1);
  });

  test('ends at once when it comes again', async (t) => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    t.after(() => mute.close());
    const address = mute.address();
    assert.ok(typeof address === 'object' && address !== null);
    const bench = new Bench(t, `mqtt://127.0.0.1:${address.port}`);
    const daemon = new Daemon(t, bench.config);
    await daemon.logged(/^reading /);
    bench.pty.sendBanner();
    await bench.pty.send(['900,-80,25', '1,2']);
    await daemon.logged(/lost a row/);
    // The broker says nothing, so that the end waits for the record until its deadline.
    process.kill(daemon.pid, 'SIGTERM');
    await daemon.logged(/^stopping/);
    const again = setInterval(() => void daemon.end(), 50);
    await daemon.exited;
    clearInterval(again);
    assert.equal(daemon.signal, 'SIGTERM', daemon.text);
  });

  test('an error that nobody foresaw ends in exit 70, with the state on flash', async (t) => {
    const bench = new Bench(t, 'mqtt://127.0.0.1:9');
    const fault = join(bench.folder, 'fault.mjs');
    writeFileSync(fault, "process.on('SIGUSR2', () => { throw new Error('unforeseen'); });\n");
    const daemon = new Daemon(t, bench.config, { NODE_OPTIONS: `--import=${fault}` });
    await daemon.logged(/^reading /);
    bench.pty.sendBanner();
    await bench.pty.send(['900,-80,25', '1,2']);
    await daemon.logged(/lost a row/);
    assert.equal(await daemon.end('SIGUSR2'), 70, daemon.text);
    assert.equal((await newestState(bench.state))?.sampleCount, 1);
    await daemon.logged(/unexpected: Error: unforeseen/);
  });

  test('ends in exit 0 though it comes until the very end', async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.remove());
    for (let life = 0; life < (isLong ? 3 : 1); life += 1) {
      const bench = new Bench(t, broker.url);
      const daemon = new Daemon(t, bench.config);
      await daemon.logged(/^running/);
      process.kill(daemon.pid, 'SIGTERM');
      await daemon.logged(/^stopped/);
      while (!daemon.hasEnded) {
        daemon.kill('SIGTERM');
        await new Promise(setImmediate);
      }
      assert.equal(await daemon.exited, 0, String(daemon.signal));
    }
  });

  test('ends in exit 0 at any moment of 200 lives', { skip: needsLongRun }, async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.remove());
    const draw = new Draw(5);
    const endMs: number[] = [];
    let unborn = 0;
    for (let life = 0; life < 200; life += 1) {
      const bench = new Bench(t, broker.url, 0.05);
      const daemon = new Daemon(t, bench.config);
      const stop = new AbortController();
      const feeding = bench.feed(stop.signal);
      // The moment is the fault, and no event marks it.
      await sleep(draw.whole(0, 1500));
      const fromMs = performance.now();
      await daemon.end();
      endMs.push(performance.now() - fromMs);
      if (daemon.signal !== null) {
        unborn += 1;
      }
      await bench.judge(daemon, true);
      stop.abort();
      await feeding;
    }
    const slowest = Math.max(...endMs);
    t.diagnostic(`${unborn} of 200 before it listened; the slowest took ${Math.round(slowest)} ms`);
    assert.ok(slowest < 5000);
  });
});
