import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SparkplugScheme } from '#src/publish/mqtt/sparkplug/sparkplug-scheme.js';
import { mqtt } from '#src/publish/mqtt/mqtt.js';
import { Broker, needsBroker } from '../../../support/broker.js';
import { CuttingProxy } from '../../../support/cutting-proxy.js';
import { usePublisher } from '../connected-publisher.js';
import { SparkplugHost, type Heard } from './sparkplug-host.js';

const madeMs = 1_763_880_000_000;

const prediction = (seq: number, more = ''): string =>
  `{"ts":${madeMs + seq},"boot":7,"seq":${seq},"p":{"run":0.5},"label":"run","warm":true${more}}`;

const bdSeqOf = (heard: Heard | undefined): unknown =>
  heard?.metrics.find(({ name }) => name === 'bdSeq')?.value;

/** The number of each record in what was heard, by the alias that its births gave it. */
function seqsOf(heard: readonly Heard[]): { seq: unknown; isHistorical: boolean }[] {
  const aliases = new Set<number | undefined>();
  return heard.flatMap(({ what, metrics }) => {
    for (const { name, alias } of metrics) {
      if (what.startsWith('DBIRTH') && name === 'prediction/seq') {
        aliases.add(alias);
      }
    }
    return what.startsWith('DDATA')
      ? metrics
          .filter(({ alias }) => aliases.has(alias))
          .map(({ value, isHistorical }) => ({ seq: value, isHistorical }))
      : [];
  });
}

/** From each birth of the node on each message has the next number, but the node's death, which has none. */
function assertNumbered(heard: readonly Heard[]): void {
  let next = 0;
  for (const { what, seq, qos, isRetained } of heard) {
    assert.equal(isRetained, false);
    assert.equal(qos, what === 'NDEATH' ? 1 : 0, what);
    if (what === 'NDEATH') {
      assert.equal(seq, undefined);
      continue;
    }
    next = what === 'NBIRTH' ? 0 : next;
    assert.equal(seq, next, what);
    next = (next + 1) % 256;
  }
}

const isRecord =
  (seq: number) =>
  ({ what, metrics }: Heard): boolean =>
    what === 'DDATA spindle' && metrics.some(({ value }) => value === seq);

describe('sparkplug', { timeout: 300_000, skip: needsBroker() }, () => {
  const use = usePublisher();

  const connect = (url: string) =>
    use.connect(url, {
      scheme: (wake) =>
        new SparkplugScheme({
          group: 'plant',
          node: 'press',
          records: use.outbox,
          now: () => madeMs,
          wake,
          log: use.log,
        }),
    });

  test('is born, reports, dies and is born again, also over a restart of the broker', async (t) => {
    // What comes while the host is still away is kept for it, births too.
    const broker = await Broker.start({
      config: 'allow_anonymous true\nqueue_qos0_messages true',
    });
    t.after(() => broker.remove());
    const proxy = new CuttingProxy(broker.port);
    await proxy.start();
    t.after(() => proxy.stop());
    const host = await SparkplugHost.connect(t, broker.url);
    const { heard } = host;

    use.offer(prediction(1));
    use.offer(prediction(2));
    const publisher = connect(proxy.url);
    t.after(() => publisher.stop({ deadlineMs: 0 }));
    await host.until(0, isRecord(2));
    assert.deepEqual(
      heard.map(({ what }) => what),
      ['NBIRTH', 'DBIRTH spindle', 'DDATA spindle', 'DDATA spindle'],
    );
    assert.deepEqual(
      heard[0]?.metrics.map(({ name, type, value }) => ({ name, type, value })),
      [
        { name: 'bdSeq', type: 'Int64', value: 0 },
        { name: 'Node Control/Rebirth', type: 'Boolean', value: false },
      ],
    );
    assert.deepEqual(
      heard[1]?.metrics.map(({ name, type }) => [name, type]),
      [
        ['prediction/boot', 'Double'],
        ['prediction/seq', 'Double'],
        ['prediction/p/run', 'Double'],
        ['prediction/label', 'String'],
        ['prediction/warm', 'Boolean'],
      ],
    );
    for (const { metrics } of heard.slice(2)) {
      assert.ok(metrics.every(({ name, isHistorical }) => name === undefined && isHistorical));
    }
    assert.equal(heard[2]?.metrics[0]?.timestamp, madeMs + 1);

    // More than seq can count.
    for (let seq = 1001; seq <= 1300; seq += 1) {
      use.offer(prediction(seq));
    }
    await host.until(0, isRecord(1300));
    assert.equal(seqsOf(heard).at(-1)?.isHistorical, false);

    // A metric that no birth told of.
    use.offer(prediction(1301, ',"gapMs":40'));
    await host.until(0, isRecord(1301));
    assert.deepEqual(heard.at(-2)?.what, 'DBIRTH spindle');
    assert.equal(heard.at(-2)?.metrics.at(-1)?.name, 'prediction/gapMs');

    await host.send(Buffer.from('0aff', 'hex'));
    await use.logged('no Sparkplug payload');
    const asked = heard.length;
    await host.askForBirth();
    await host.until(asked, ({ what }) => what === 'DBIRTH spindle');
    assert.equal(heard[asked]?.what, 'NBIRTH');
    assert.equal(bdSeqOf(heard[asked]), 0);

    const cut = heard.length;
    proxy.cut();
    const death = await host.until(cut, ({ what }) => what === 'NDEATH');
    assert.equal(bdSeqOf(death), 0);
    const birth = await host.until(cut, ({ what }) => what === 'NBIRTH');
    assert.ok(Number(bdSeqOf(birth)) > 0);
    await host.until(cut, ({ what }) => what === 'DBIRTH spindle');

    const connects = publisher.stats.connects;
    await broker.stop('SIGTERM');
    // What is sent before the end is noticed is lost at QoS 0.
    while (publisher.stats.connected) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const restarted = heard.length;
    use.offer(prediction(2001));
    await broker.start();
    await host.until(restarted, isRecord(2001));
    assert.ok(publisher.stats.connects > connects);
    assert.deepEqual(
      heard.slice(restarted).flatMap(({ what }) => (what === 'NDEATH' ? [] : [what])),
      ['NBIRTH', 'DBIRTH spindle', 'DDATA spindle'],
    );
    assert.deepEqual(seqsOf(heard).at(-1), { seq: 2001, isHistorical: true });

    // The sensor goes away and comes back.
    const lost = heard.length;
    publisher.setLatest({ kind: 'health', stream: 'spindle', payload: '{"connected":true}' });
    publisher.setLatest({ kind: 'health', stream: 'spindle', payload: '{"connected":false}' });
    await host.until(lost, ({ what }) => what === 'DDEATH spindle');
    publisher.setLatest({ kind: 'health', stream: 'spindle', payload: '{"connected":true}' });
    const back = await host.until(heard.length, ({ what }) => what === 'DBIRTH spindle');
    assert.equal(back.metrics.at(-1)?.value, true);
    publisher.setLatest({ kind: 'deviceHealth', payload: '{"uptimeSeconds":5}' });
    await host.until(heard.length, ({ what }) => what === 'DBIRTH spindle');
    publisher.setLatest({ kind: 'deviceHealth', payload: '{"uptimeSeconds":6}' });
    const data = await host.until(heard.length, ({ what }) => what === 'NDATA');
    assert.equal(data.metrics[0]?.value, 6);

    await publisher.stop({ deadlineMs: 60_000 });
    const goodbye = await host.until(heard.length - 1, ({ what }) => what === 'NDEATH');
    assert.equal(bdSeqOf(goodbye), bdSeqOf(heard.findLast(({ what }) => what === 'NBIRTH')));
    assertNumbered(heard);
    // Of what came shortly before an end nobody knows at QoS 0 that it did: it is counted, and not sent again.
    const { produced, delivered, dropped } = use.outbox.stats;
    assert.deepEqual([produced, delivered + dropped.lost], [304, 304]);
    assert.equal(new Set(seqsOf(heard).map(({ seq }) => seq)).size, 304);
  });

  test('waits for its primary host, dies when that goes, and numbers its connections over restarts', async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.remove());
    const host = await SparkplugHost.connect(t, broker.url);
    const { heard } = host;
    const start = () =>
      use.connect(broker.url, {
        scheme: (wake) =>
          new SparkplugScheme({
            group: 'plant',
            node: 'press',
            primaryHost: 'scada',
            directory: join(broker.directory, 'state'),
            records: use.outbox,
            now: () => madeMs,
            wake,
            log: use.log,
          }),
      });
    await host.state(false, 9);
    use.offer(prediction(1));
    let publisher = start();
    await use.logged('births wait for the primary host');
    // An answer to a subscription behind that of the state: what is retained has come.
    await host.state(true, 10);
    await host.until(0, isRecord(1));
    assert.deepEqual(
      heard.map(({ what }) => what),
      ['NBIRTH', 'DBIRTH spindle', 'DDATA spindle'],
    );
    assert.equal(bdSeqOf(heard[0]), 0);
    assert.deepEqual(seqsOf(heard), [{ seq: 1, isHistorical: true }]);

    // The will of a connection of the host that was replaced.
    await host.state(false, 8);
    use.offer(prediction(2));
    await host.until(0, isRecord(2));

    const gone = heard.length;
    await host.state(false, 11);
    const death = await host.until(gone, ({ what }) => what === 'NDEATH');
    assert.equal(bdSeqOf(death), 0);
    use.offer(prediction(3));
    while (publisher.stats.connects < 2) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The node ended that connection: no other client is behind it.
    await use.logged('connection lost: this side ended it');
    await host.state(true, 12);
    await host.until(gone, isRecord(3));
    assert.deepEqual(
      heard.slice(gone).map(({ what }) => what),
      ['NDEATH', 'NBIRTH', 'DBIRTH spindle', 'DDATA spindle'],
    );
    assert.equal(bdSeqOf(heard[gone + 1]), 1);
    await publisher.stop({ deadlineMs: 60_000 });

    const next = heard.length;
    use.offer(prediction(4));
    publisher = start();
    const birth = await host.until(next, ({ what }) => what === 'NBIRTH');
    assert.equal(bdSeqOf(birth), 2);
    await host.until(next, isRecord(4));
    await publisher.stop({ deadlineMs: 60_000 });
    assertNumbered(heard);
  });

  test('is asked for in the configuration, and goes with neither Home Assistant nor CBOR', async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.remove());
    const host = await SparkplugHost.connect(t, broker.url);
    const section = { url: broker.url, sparkplug: { group: 'plant' }, outbox: {} };
    const fault = { code: 'config.invalid', message: /sparkplug/ };
    await assert.rejects(mqtt.prepare(section, 'press', ['json', 'cbor']), fault);
    for (const [more, message] of [
      [{ homeAssistant: {} }, /one of the two/],
      [{ qos: 2 }, /leave it out/],
      [{ sparkplug: { group: 'a/b' } }, /one topic level/],
      [{ sparkplug: { group: 'STATE' } }, /must not be STATE/],
    ] as const) {
      const { success, error } = mqtt.options.safeParse({ ...section, ...more });
      assert.equal(success, false);
      assert.match(String(error), message);
    }
    const prepared = await mqtt.prepare(section, 'press', ['json']);
    const publisher = prepared.create({
      directory: broker.directory,
      entries: ['spindle'],
      healthSeconds: 60,
      records: use.outbox,
      log: use.log,
    });
    t.after(() => publisher.stop({ deadlineMs: 0 }));
    publisher.start();
    use.offer(
      '{"ts":5,"predictions":[{"ts":5,"p":{"run":0.25}},{"ts":6,"p":{"run":0.75}},{"ts":7,"p":{"run":1}}]}',
    );
    use.outbox.offer({
      stream: 'spindle',
      kind: 'event',
      payload: '{"ts":8,"label":"run","state":"on"}',
      qos: 1,
    });
    publisher.recordsReady();
    const batch = await host.until(0, ({ metrics }) => metrics.length === 3);
    assert.deepEqual(
      batch.metrics.map(({ timestamp, value }) => [timestamp, value]),
      [
        [5, 0.25],
        [6, 0.75],
        [7, 1],
      ],
    );
    const birth = await host.until(0, ({ metrics }) =>
      metrics.some(({ name }) => name === 'event/run/state'),
    );
    assert.equal(birth.what, 'DBIRTH spindle');
    await publisher.stop({ deadlineMs: 60_000 });
  });
});
