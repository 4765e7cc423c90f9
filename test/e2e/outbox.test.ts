import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { EntryReader } from '#src/publish/outbox/spool/log-entry.js';
import { bootCount } from '../support/boot-count.js';
import { Broker, needsBroker, type Received, type Subscriber } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';

interface Published {
  readonly history?: boolean;
  readonly kind?: string;
  readonly boot: number;
  readonly seq: number;
}

interface Health {
  readonly boot: number;
  readonly records: {
    readonly produced: number;
    readonly delivered: number;
    readonly pending: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly outbox: { readonly uncleanEnds: number; readonly bytesWritten: number };
  readonly flash: Readonly<Record<string, number | null>>;
}

const live = 'lstmd/box/wearer/prediction';
const history = 'lstmd/box/wearer/history';
const healthTopic = 'lstmd/box/health';
const outbox = '{ diskAfterSeconds: 0.1, historyPerSecond: 1000 }';

function rows(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${900 + (n % 7) * 30},${(n % 5) * 40},0`);
}

function published(subscriber: Subscriber, topic: string): Published[] {
  return subscriber.on(topic).map(({ payload }) => JSON.parse(payload) as Published);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

/** The first health of a start, past or to come, that is as asked for; its accounts must add up. */
async function healthOf(
  subscriber: Subscriber,
  start: number,
  isRight: (health: Health) => boolean,
): Promise<Health> {
  let found: Health | undefined;
  await subscriber.until((received) => {
    found = received
      .filter(({ topic }) => topic === healthTopic)
      .map(({ payload }) => JSON.parse(payload) as Health)
      .find((health) => bootCount(health.boot) === start && isRight(health));
    return found !== undefined;
  });
  assert.ok(found !== undefined);
  const { produced, delivered, pending, dropped } = found.records;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(produced, delivered + pending + lost, JSON.stringify(found.records));
  return found;
}

/** Resolves when so many records are in the files of the log. */
async function onDisk(t: TestContext, folder: string, count: number): Promise<void> {
  const directory = join(folder, 'state/outbox');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const watcher = watch(directory);
  t.after(() => watcher.close());
  const records = (): number =>
    readdirSync(directory).reduce((sum, name) => {
      const reader = new EntryReader(readFileSync(join(directory, name)));
      for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
        if (entry === 'record') {
          sum += 1;
        }
      }
      return sum;
    }, 0);
  while (records() < count) {
    await once(watcher, 'change');
  }
}

function subscribed(t: TestContext, broker: Broker): Promise<Subscriber> {
  return broker.subscribe().then((subscriber) => {
    t.after(async () => {
      await subscriber.end();
      await broker.remove();
    });
    return subscriber;
  });
}

describe('the daemon with records on disk', { skip: needsBroker(), timeout: 300_000 }, () => {
  test('delivers them as history after a kill -9, each once, and its accounts add up', async (t) => {
    const folder = testFolder(t);
    const broker = await Broker.create();
    const pty = new TestPty(t);
    pty.port.plug();
    const setup = { folder, brokerUrl: broker.url, link: pty.path, outbox, healthSeconds: 0.5 };
    const config = writeConfig(setup);
    const first = new Daemon(t, config);
    await first.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(300));
    await onDisk(t, folder, 300);
    await first.end('SIGKILL');

    await broker.start();
    const subscriber = await subscribed(t, broker);
    const second = new Daemon(t, config);
    assert.equal((await second.logged(/records of an earlier run/))['pending'], 300);
    await second.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(50));
    const {
      records,
      outbox: disk,
      flash,
    } = await healthOf(subscriber, 2, (health) => health.records.delivered >= 350);
    assert.deepEqual([records.produced, records.pending, records.dropped['lost']], [350, 0, 0]);
    assert.equal(disk.uncleanEnds, 1);
    // So soon after the start there is no pace to tell.
    assert.deepEqual(flash, { outboxBytesPerDay: null, stateBytesPerDay: null });
    const old = published(subscriber, history);
    assert.deepEqual(
      old.map(({ boot, seq }) => [bootCount(boot), seq]),
      numbers(300).map((seq) => [1, seq]),
    );
    assert.ok(old.every((record) => record.history === true && record.kind === 'prediction'));
    const fresh = published(subscriber, live);
    assert.deepEqual(
      fresh.map(({ boot, seq }) => [bootCount(boot), seq]),
      numbers(50).map((seq) => [2, seq]),
    );
    assert.ok(fresh.every((record) => record.history === undefined));
    assert.equal(await second.end(), 0);

    const third = new Daemon(t, config);
    const after = await healthOf(subscriber, 3, () => true);
    assert.deepEqual(after.records, records);
    assert.equal(after.outbox.uncleanEnds, 1);
    assert.equal(await third.end(), 0);
    assert.equal(subscriber.on(history).length, 300);
  });

  test('is killed again while it delivers them: none is missing, and its accounts add up', async (t) => {
    const folder = testFolder(t);
    const broker = await Broker.create();
    const pty = new TestPty(t);
    pty.port.plug();
    const slow = '{ diskAfterSeconds: 0.1, historyPerSecond: 100 }';
    const setup = { folder, brokerUrl: broker.url, link: pty.path, healthSeconds: 0.5 };
    const config = writeConfig({ ...setup, outbox: slow });
    const first = new Daemon(t, config);
    await first.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(200));
    await onDisk(t, folder, 200);
    await first.end('SIGKILL');

    await broker.start();
    const subscriber = await subscribed(t, broker);
    const second = new Daemon(t, config);
    await subscriber.until(() => subscriber.on(history).length >= 50);
    await second.end('SIGKILL');
    const third = new Daemon(t, config);
    const { records, outbox: disk } = await healthOf(
      subscriber,
      3,
      (health) => health.records.pending === 0 && health.records.produced === 200,
    );
    assert.deepEqual([records.delivered, records.dropped['lost']], [200, 0]);
    assert.equal(disk.uncleanEnds, 2);
    const seqs = published(subscriber, history).map(({ seq }) => seq);
    assert.deepEqual([...new Set(seqs)], numbers(200));
    assert.equal(await third.end(), 0);
  });

  test('keeps at SIGTERM what the broker did not take', async (t) => {
    const folder = testFolder(t);
    const broker = await Broker.create();
    const pty = new TestPty(t);
    pty.port.plug();
    const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path });
    const first = new Daemon(t, config);
    await first.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(100));
    await pty.send(['1,2']);
    await first.logged(/lost a row/);
    assert.equal(await first.end(), 0);
    assert.equal((await first.logged(/^stopped/))['undelivered'], 100);

    await broker.start();
    const subscriber = await subscribed(t, broker);
    const second = new Daemon(t, config);
    await subscriber.until((all: readonly Received[]) => {
      return all.filter(({ topic }) => topic === history).length === 100;
    });
    assert.deepEqual(
      published(subscriber, history).map(({ seq }) => seq),
      numbers(100),
    );
    assert.equal(await second.end(), 0);
  });

  test('writes nothing but its accounts while the broker is there', async (t) => {
    const folder = testFolder(t);
    const broker = await Broker.start();
    const subscriber = await subscribed(t, broker);
    const pty = new TestPty(t);
    pty.port.plug();
    const daemon = new Daemon(t, writeConfig({ folder, brokerUrl: broker.url, link: pty.path }));
    await daemon.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(500));
    await subscriber.until((all) => all.filter(({ topic }) => topic === live).length === 500);
    assert.equal(await daemon.end(), 0);
    const directory = join(folder, 'state/outbox');
    for (const name of readdirSync(directory)) {
      const reader = new EntryReader(readFileSync(join(directory, name)));
      for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
        assert.equal(entry, 'accounts');
      }
    }
    assert.equal(subscriber.on(history).length, 0);
  });
});

test('a daemon says once that records which wait are dropped', async (t) => {
  const folder = testFolder(t);
  const pty = new TestPty(t);
  pty.port.plug();
  const config = writeConfig({
    folder,
    brokerUrl: 'mqtt://127.0.0.1:9',
    link: pty.path,
    outbox: '{ maxAgeSeconds: 0.2, diskAfterSeconds: 1 }',
  });
  const daemon = new Daemon(t, config);
  await daemon.logged(/^reading/);
  pty.sendBanner();
  await pty.send(rows(50));
  const { level } = await daemon.logged(/records that waited for the broker are dropped/);
  assert.equal(level, 'warn');
  await daemon.end();
});
