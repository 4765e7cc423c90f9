import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Broker, needsBroker, type Subscriber } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { processResources, type ProcessResources } from '../support/process-resources.js';
import { TestPty } from '../support/pty.js';
import { isLong } from './long-run.js';

const cycles = isLong ? 100 : 4;
/** How long the sensor stays away: a little less and a little more than the first retries take. */
const absentMs = isLong ? [50, 300, 600, 1200] : [20, 300];

interface DeviceHealth {
  readonly broker: { readonly connects: number };
}

interface StreamHealth {
  readonly sensor: { readonly link: Readonly<Record<string, number>> };
}

interface Absence {
  readonly noticedMs: number;
  readonly backMs: number;
  readonly absentMs: number;
  readonly cpuMs: number;
}

/** A daemon on a port that can be unplugged, and what it published. */
class Bench {
  #predictions = 0;
  #deviceHealth = '{}';
  #streamHealth = '{}';
  #status = '';

  readonly pty: TestPty;
  readonly daemon: Daemon;
  readonly subscriber: Subscriber;

  private constructor(pty: TestPty, daemon: Daemon, subscriber: Subscriber) {
    this.pty = pty;
    this.daemon = daemon;
    this.subscriber = subscriber;
  }

  static async start(t: TestContext): Promise<Bench> {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/#');
    const pty = new TestPty(t);
    pty.port.plug();
    const config = writeConfig({
      folder: testFolder(t),
      brokerUrl: broker.url,
      link: pty.path,
      publish: '{ every: 25 }',
      // Each of the two slots is opened at its first save and stays open.
      state: '{ checkpointSeconds: 36000 }',
    });
    const daemon = new Daemon(t, config);
    await daemon.logged(/connected to the broker/);
    await daemon.logged(/^reading /);
    return new Bench(pty, daemon, subscriber);
  }

  /** How many have come so far; nothing of them is kept. */
  get predictions(): number {
    for (const { topic, payload } of this.subscriber.received.splice(0)) {
      if (topic === 'lstmd/box/wearer/prediction') {
        this.#predictions += 1;
      } else if (topic === 'lstmd/box/health') {
        this.#deviceHealth = payload;
      } else if (topic === 'lstmd/box/wearer/health') {
        this.#streamHealth = payload;
      } else if (topic === 'lstmd/box/status') {
        this.#status = payload;
      }
    }
    return this.#predictions;
  }

  /**
   * Sends rows until another prediction comes. A reader that has just opened the port still flushes
   * it, and the log no longer tells each opening, so that the first rows may be lost.
   */
  async bePredicted(): Promise<void> {
    const before = this.predictions;
    const send = (): void => {
      this.pty.port.write(Buffer.from(`boot\n${'900,-80,25\n'.repeat(25)}`));
    };
    send();
    const again = setInterval(send, 500);
    await this.subscriber.until(() => this.predictions > before);
    clearInterval(again);
  }

  /** Rows as fast as they are taken, until the port is gone. */
  async flood(): Promise<void> {
    const rows = Buffer.from('900,-80,25\n'.repeat(100));
    while (this.pty.port.plugged) {
      if (!this.pty.port.write(rows)) {
        await this.pty.port.drained();
      }
      await new Promise(setImmediate);
    }
  }

  async pull(forMs: number): Promise<Absence> {
    const pulledMs = performance.now();
    this.pty.port.unplug();
    // The log only counts a sensor that comes and goes many times a minute.
    await until(() => !this.#hasTtyOpen);
    const noticedMs = performance.now();
    const before = processResources(this.daemon.pid);
    // The absence itself is the fault: nothing happens in it that could be awaited.
    await sleep(forMs);
    const after = processResources(this.daemon.pid);
    const backMs = performance.now();
    this.pty.port.plug();
    await until(() => this.pty.port.read);
    return {
      noticedMs: noticedMs - pulledMs,
      backMs: performance.now() - backMs,
      absentMs: backMs - noticedMs,
      cpuMs: after.cpuMs - before.cpuMs,
    };
  }

  get #hasTtyOpen(): boolean {
    const folder = `/proc/${this.daemon.pid}/fd`;
    return readdirSync(folder).some((fd) => linkOf(join(folder, fd)).startsWith('/dev/pts/'));
  }

  /** The daemon's report on itself when it ends. */
  async end(): Promise<DeviceHealth & StreamHealth> {
    assert.equal(await this.daemon.end(), 0);
    // Its last health came before its status.
    await this.subscriber.until(() => this.predictions > 0 && this.#status.includes('offline'));
    return {
      ...(JSON.parse(this.#deviceHealth) as DeviceHealth),
      ...(JSON.parse(this.#streamHealth) as StreamHealth),
    };
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await sleep(1);
  }
}

/** Returns where a descriptor leads; it may have been closed since its folder was read. */
function linkOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    return '';
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

describe('a sensor that is pulled', { skip: needsBroker(), timeout: 1_200_000 }, () => {
  for (const load of ['idle', 'at full rate'] as const) {
    test(`${load}: is missed and read again ${cycles} times, without a spin or a leak`, async (t) => {
      const bench = await Bench.start(t);
      const { daemon } = bench;
      await bench.bePredicted();
      const absences: Absence[] = [];
      const held: ProcessResources[] = [];
      for (let cycle = 0; cycle < cycles; cycle += 1) {
        if (load === 'at full rate') {
          const before = bench.predictions;
          const flooding = bench.flood();
          await bench.subscriber.until(() => bench.predictions > before + 20);
          absences.push(await bench.pull(absentMs[cycle % absentMs.length] ?? 0));
          await flooding;
        } else {
          absences.push(await bench.pull(absentMs[cycle % absentMs.length] ?? 0));
        }
        await bench.bePredicted();
        held.push(processResources(daemon.pid));
      }
      const { sensor, broker } = await bench.end();
      const { link } = sensor;
      assert.equal(broker.connects, 1);
      assert.equal(link['hangUps'], cycles);
      const silences = link['silences'] ?? Infinity;
      assert.equal(link['opens'], 1 + cycles + silences);
      const descriptors = held.map((each) => each.descriptors);
      assert.deepEqual(new Set(descriptors).size, 1, `descriptors: ${descriptors.join(', ')}`);
      const threads = held.map((each) => each.threads);
      assert.deepEqual(new Set(threads).size, 1, `threads: ${threads.join(', ')}`);

      // A try at once, and then one at most every 250 ms; timers are never early.
      const awayMs = sum(absences.map((each) => each.absentMs + each.backMs));
      const tries = link['openErrors'] ?? Infinity;
      assert.ok(tries <= 2 * cycles + awayMs / 250, `${tries} tries in ${awayMs} ms`);
      const cpuPercent =
        (100 * sum(absences.map((each) => each.cpuMs))) /
        sum(absences.map((each) => each.absentMs));
      const noticedMs = Math.max(...absences.map((each) => each.noticedMs));
      const backMs = Math.max(...absences.map((each) => each.backMs));
      const grownMiB = (held.at(-1)?.rssMiB ?? 0) - (held[Math.floor(cycles / 4)]?.rssMiB ?? 0);
      t.diagnostic(
        `noticed within ${Math.round(noticedMs)} ms, reopened within ${Math.round(backMs)} ms, ` +
          `${cpuPercent.toFixed(1)} % of a core while absent, ${tries} tries, ` +
          `${silences} silences, ${descriptors[0]} descriptors, RSS ${grownMiB.toFixed(1)} MiB more`,
      );
      // How fast that is depends on the machine, so that only the long run, on a quiet one, asks.
      if (isLong) {
        assert.ok(noticedMs <= 2000 && backMs <= 5000, `${noticedMs} ms, ${backMs} ms`);
        assert.ok(cpuPercent < 10, `${cpuPercent} %`);
      }
    });
  }
});
