import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { nodeFileSystem } from '#src/platform/file-system.js';
import { SlotPair } from '#src/state/slot-pair.js';
import { bootCount } from '../support/boot-count.js';
import { Broker, needsBroker, type Received, type Subscriber } from '../support/broker.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';

interface Prediction {
  readonly boot: number;
  readonly seq: number;
  readonly p: { readonly running: number };
  readonly gapMs?: number;
}

const topic = 'lstmd/box/wearer/prediction';

function rows(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, n) => {
    const t = from + n;
    return [900 + (t % 7) * 30, (t % 5) * 40 - 80, (t % 11) * 25 - 100].join(',');
  });
}

function parse({ payload }: Received): Prediction {
  return JSON.parse(payload) as Prediction;
}

async function startBroker(t: TestContext): Promise<Broker> {
  const broker = await Broker.start();
  t.after(() => broker.remove());
  return broker;
}

function subscribe(broker: Broker, filter = topic): Promise<Subscriber> {
  return broker.subscribe(filter);
}

describe('the daemon', { skip: needsBroker() }, () => {
  test('infers without a broker and delivers everything when one comes', async (t) => {
    const folder = testFolder(t);
    const broker = await Broker.create();
    const pty = new TestPty(t);
    pty.port.plug();
    const daemon = new Daemon(t, writeConfig({ folder, brokerUrl: broker.url, link: pty.path }));
    await daemon.logged(/^reading /);
    await daemon.logged(/no connection to the broker/);
    pty.sendBanner();
    await pty.send(rows(500));

    await broker.start();
    const subscriber = await subscribe(broker);
    t.after(async () => {
      await subscriber.end();
      await broker.remove();
    });
    await pty.send(rows(500, 500));
    await subscriber.until((received) => received.length >= 500 && lastSeq(received) === 1000);
    const seqs = subscriber.received.map((message) => parse(message).seq);
    const first = seqs[0] ?? 0;
    // Records delivered before this subscriber came do not reach it; the order of the others holds.
    assert.deepEqual(
      seqs,
      Array.from({ length: 1001 - first }, (_, n) => first + n),
    );
    assert.equal(await daemon.end(), 0);
  });

  test('puts the state on flash at SIGTERM with no broker and no more sensor', async (t) => {
    const folder = testFolder(t);
    const pty = new TestPty(t);
    pty.port.plug();
    const brokerUrl = 'mqtt://127.0.0.1:9';
    const config = writeConfig({ folder, brokerUrl, link: pty.path });
    const daemon = new Daemon(t, config);
    await daemon.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(123));
    // Without a broker only the log tells that the rows were read: it names the line after them.
    await pty.send(['1,2']);
    await daemon.logged(/lost a row/);
    pty.port.unplug();
    await daemon.logged(/unplugged/);
    assert.equal(await daemon.end('SIGTERM'), 0);
    assert.deepEqual((await daemon.logged(/^stopped/))['saved'], { wearer: 123 });

    const again = new Daemon(t, config);
    assert.equal((await again.logged(/resumed after/))['samples'], 123);
    assert.equal(await again.end('SIGINT'), 0);
  });

  test('resumes from the last checkpoint after kill -9, and the will tells', async (t) => {
    const folder = testFolder(t);
    const broker = await startBroker(t);
    const subscriber = await subscribe(broker, '#');
    t.after(() => subscriber.end());
    const pty = new TestPty(t);
    pty.port.plug();
    const state = '{ checkpointSeconds: 0.05, onGap: { then: keep } }';
    const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path, state });
    const slots = join(folder, 'state/wearer');
    mkdirSync(slots, { recursive: true });
    const watcher = watch(slots);
    t.after(() => watcher.close());

    const first = new Daemon(t, config);
    await first.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(200));
    await subscriber.until((received) =>
      received.some((m) => m.topic === topic && lastSeq([m]) === 200),
    );
    while ((await newestSample(slots)) < 200) {
      await once(watcher, 'change');
    }
    await first.end('SIGKILL');
    await subscriber.until((received) =>
      received.some((m) => m.topic === 'lstmd/box/status' && m.payload.includes('offline')),
    );

    const second = new Daemon(t, config);
    assert.equal((await second.logged(/resumed after/))['samples'], 200);
    await second.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(50, 200));
    await subscriber.until((received) =>
      received.some(
        (m) => m.topic === topic && bootCount(parse(m).boot) === 2 && lastSeq([m]) === 50,
      ),
    );
    assert.equal(await second.end(), 0);
    const outputs = subscriber
      .on(topic)
      .map((message) => parse(message))
      .filter(({ boot }) => bootCount(boot) === 2)
      .map(({ p }) => p.running);
    assert.deepEqual(outputs, (await predictRows(rows(250))).slice(200));
  });

  test('goes on after the sensor was pulled and came back, and says what is missing', async (t) => {
    const folder = testFolder(t);
    const broker = await startBroker(t);
    const subscriber = await subscribe(broker);
    t.after(() => subscriber.end());
    const pty = new TestPty(t);
    const state = '{ onGap: { maxMs: 1, then: reset } }';
    const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path, state });

    const daemon = new Daemon(t, config);
    await daemon.logged(/cannot be opened/);
    pty.port.plug();
    await daemon.logged(/^reading /);
    pty.sendBanner();
    await pty.send(rows(1));
    await subscriber.until((received) => received.length === 1);
    const from = daemon.lines.length;
    pty.port.unplug();
    await daemon.logged(/unplugged/, from);
    pty.port.plug();
    await daemon.logged(/^reading /, from);
    pty.sendBanner();
    await pty.send(rows(1, 1));
    await subscriber.until((received) => received.length === 2);
    await daemon.logged(/the state was reset/, from);
    assert.equal(await daemon.end(), 0);

    const [, after] = subscriber.received.map((message) => parse(message));
    assert.equal(after?.seq, 2);
    assert.ok((after?.gapMs ?? 0) > 1, 'the gap is in the record');
    // Reset: the first sample of a new stream, not the second of the old one.
    assert.equal(after?.p.running, (await predictRows(rows(1, 1)))[0]);
  });

  test('does not start twice on one state directory', async (t) => {
    const folder = testFolder(t);
    const brokerUrl = 'mqtt://127.0.0.1:9';
    const config = writeConfig({ folder, brokerUrl, link: join(folder, 'tty') });
    const first = new Daemon(t, config);
    await first.logged(/^running/);
    const second = new Daemon(t, config);
    assert.notEqual(await second.exited, 0);
    assert.match(second.text, new RegExp(`in use by process ${first.pid}`));
    assert.equal(await first.end(), 0);
  });
});

function lastSeq(received: readonly Received[]): number {
  const last = received.at(-1);
  return last === undefined ? 0 : parse(last).seq;
}

async function newestSample(directory: string): Promise<number> {
  const slots = new SlotPair(directory, nodeFileSystem);
  const contents = await Promise.all([slots.read('slot-a'), slots.read('slot-b')]);
  return Math.max(
    ...contents.map((content) => (content?.kind === 'ok' ? content.saved.sampleCount : 0)),
  );
}
