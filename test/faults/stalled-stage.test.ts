import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '#src/agent/agent.js';
import { preparePublisher } from '#src/agent/prepared-publisher.js';
import { prepareStreams } from '#src/agent/prepared-stream.js';
import { ServiceManager } from '#src/platform/service-manager.js';
import { configSchema } from '#src/agent/config-schema.js';
import { loadConfig } from '#src/config/load-config.js';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { needsNotifySocket, NotifySocket } from '../support/notify-socket.js';
import { TestPty } from '../support/pty.js';
import { RecordedLog } from '../support/recorded-log.js';
import { needsProgram } from '../support/requirement.js';
import { needsLongRun } from './long-run.js';

const feedEveryMs = 50;

/** Every thread that libuv has for files and devices waits on a FIFO that nobody writes. */
class BlockedThreads {
  readonly #fifo: string;
  readonly #opening: Promise<FileHandle>[] = [];

  constructor(folder: string) {
    this.#fifo = join(folder, 'fifo');
    assert.equal(spawnSync('mkfifo', [this.#fifo]).status, 0);
    const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
    for (let n = 0; n < threads; n += 1) {
      this.#opening.push(open(this.#fifo, 'r'));
    }
  }

  async release(): Promise<void> {
    const writer = openSync(this.#fifo, constants.O_RDWR);
    for (const opening of this.#opening) {
      await (await opening).close();
    }
    closeSync(writer);
  }
}

/** An agent in this process, whose sensor never rests, with a systemd that listens. */
class Bench {
  readonly log = new RecordedLog();

  readonly folder: string;
  readonly broker: Broker;
  readonly pty: TestPty;
  readonly socket: NotifySocket;

  private constructor(folder: string, broker: Broker, pty: TestPty, socket: NotifySocket) {
    this.folder = folder;
    this.broker = broker;
    this.pty = pty;
    this.socket = socket;
  }

  static async start(t: TestContext): Promise<Bench> {
    const folder = testFolder(t);
    const broker = await Broker.start();
    t.after(() => broker.remove());
    const pty = new TestPty(t);
    pty.port.plug();
    const bench = new Bench(folder, broker, pty, await NotifySocket.listen(t, folder));
    const state = '{ checkpointSeconds: 0.1 }';
    const file = writeConfig({ folder, brokerUrl: broker.url, link: pty.path, state });
    const { config } = await loadConfig(configSchema, file, {});
    const agent = new Agent({
      config,
      publisher: await preparePublisher(config),
      streams: await prepareStreams(config),
      log: bench.log,
      serviceManager: new ServiceManager({
        NOTIFY_SOCKET: bench.socket.path,
        WATCHDOG_USEC: String(2000 * feedEveryMs),
      }),
      stallMs: 1000,
    });
    const stop = new AbortController();
    t.after(async () => {
      stop.abort();
      await agent.stop();
    });
    await agent.start(stop.signal);
    const timer = setInterval(() => pty.port.write(Buffer.from('900,-80,25\n')), 20);
    t.after(() => clearInterval(timer));
    await bench.told(/connected to the broker/);
    await bench.told(/^reading /);
    await bench.socket.untilFed(5);
    return bench;
  }

  /** The next line that matches, or one that came already. */
  async told(pattern: RegExp, stage?: string): Promise<void> {
    const isIt = ({ message, fields }: (typeof this.log.lines)[number]): boolean =>
      pattern.test(message) && (stage === undefined || fields['stage'] === stage);
    while (!this.log.lines.some(isIt)) {
      await new Promise<void>((resolve) => {
        this.log.heard = () => resolve();
      });
    }
  }

  /** The stage is found to stand still, and while it does so systemd hears nothing. */
  async starves(stage: string): Promise<void> {
    const fedOn = this.socket.untilFed(400).then(() => assert.fail(`${stage}: fed on and on`));
    fedOn.catch(() => undefined);
    await Promise.race([this.told(/stands still/, stage), fedOn]);
    const { feeds } = this.socket;
    // That nothing comes can only be waited for.
    await sleep(8 * feedEveryMs);
    assert.ok(this.socket.feeds - feeds <= 1, 'one may have been on its way');
  }

  async recovers(stage: string): Promise<void> {
    await this.told(/moves again/, stage);
    await this.socket.untilFed(5);
  }
}

describe(
  'the watchdog of systemd',
  { skip: needsBroker() || needsNotifySocket(), timeout: 600_000 },
  () => {
    test('is not fed while a save hangs in the disk', async (t) => {
      const bench = await Bench.start(t);
      const blocked = new BlockedThreads(bench.folder);
      try {
        await bench.starves('wearer: checkpoint');
      } finally {
        // Else a test that fails would never end.
        await blocked.release();
      }
      await bench.recovers('wearer: checkpoint');
    });

    test('is not fed while the port hangs in being opened', async (t) => {
      const bench = await Bench.start(t);
      const blocked = new BlockedThreads(bench.folder);
      bench.pty.port.unplug();
      bench.pty.port.plug();
      try {
        await bench.starves('wearer: sensor');
      } finally {
        await blocked.release();
      }
      await bench.recovers('wearer: sensor');
    });

    test('is not fed while a connected broker takes nothing', async (t) => {
      const bench = await Bench.start(t);
      bench.broker.freeze();
      await bench.starves('broker').finally(() => bench.broker.thaw());
      await bench.recovers('broker');
    });

    test(
      'is not fed by the whole program while a save hangs in the kernel',
      { skip: needsLongRun || needsProgram('strace', 'strace') },
      async (t) => {
        const folder = testFolder(t);
        const broker = await Broker.start();
        t.after(() => broker.remove());
        const pty = new TestPty(t);
        pty.port.plug();
        const socket = await NotifySocket.listen(t, folder);
        const state = '{ checkpointSeconds: 0.1 }';
        const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path, state });
        const inject = 'inject=fdatasync:delay_enter=600000000:when=5';
        const under = ['strace', '-f', '-qqq', '-o', '/dev/null', '-e', 'trace=fdatasync', '-e'];
        under.push(inject, '-P', join(folder, 'state/wearer/slot-a.state'));
        const env = {
          NOTIFY_SOCKET: socket.path,
          WATCHDOG_USEC: '2000000',
          UV_THREADPOOL_SIZE: '1',
        };
        const daemon = new Daemon(t, config, env, under);
        await daemon.logged(/^reading /);
        await socket.untilFed(3);
        const timer = setInterval(() => pty.port.write(Buffer.from('900,-80,25\n')), 20);
        t.after(() => clearInterval(timer));
        await daemon.logged(/stands still/);
        const { feeds } = socket;
        // That nothing comes for six intervals can only be waited for.
        await sleep(6000);
        t.diagnostic(`fed ${feeds} times, then ${socket.feeds - feeds} times more`);
        assert.ok(socket.feeds - feeds <= 1);
      },
    );
  },
);
