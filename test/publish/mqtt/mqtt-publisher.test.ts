import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { MqttPublisher } from '#src/publish/mqtt/mqtt-publisher.js';
import { Topics } from '#src/publish/mqtt/topics.js';
import { Broker, needsBroker, type Received, type Subscriber } from '../../support/broker.js';
import { CuttingProxy } from '../../support/cutting-proxy.js';
import { usePublisher } from './connected-publisher.js';

const topic = 'lstmd/press/spindle/prediction';

const statusTopic = 'lstmd/press/status';

const seqOf = ({ payload }: Received): number => (JSON.parse(payload) as { seq: number }).seq;

const status = (state: string): string => `{"state":"${state}","ts":1763880000000}`;

/** Every seq from 1 to `last` came, and without its duplicates in order. */
function assertComplete(subscriber: Subscriber, last: number): void {
  const seqs = new Set(subscriber.on(topic).map(seqOf));
  assert.deepEqual(
    [...seqs],
    Array.from({ length: last }, (_, i) => i + 1),
  );
}

/** Says whether a record has come. It is asked at each message, so each message is looked at once. */
function heard(seq: number): (received: readonly Received[]) => boolean {
  let seen = 0;
  let hasCome = false;
  return (received) => {
    hasCome ||= received.slice(seen).some(({ payload }) => payload === `{"seq":${seq}}`);
    seen = received.length;
    return hasCome;
  };
}

describe('mqtt publisher', { timeout: 300_000 }, () => {
  const use = usePublisher();
  const { connect, logged, offer, produce } = use;

  describe('with Mosquitto', { skip: needsBroker() }, () => {
    let broker: Broker;
    let subscriber: Subscriber;

    beforeEach(async () => {
      broker = await Broker.start();
      subscriber = await broker.subscribe();
    });

    afterEach(async () => {
      await subscriber.end();
      await use.publisher?.stop({ deadlineMs: 100 });
      await broker.remove();
    });

    for (const protocol of ['5', '3.1.1'] as const) {
      for (const qos of [0, 1, 2] as const) {
        test(`delivers all in order over MQTT ${protocol} at QoS ${qos}`, async () => {
          const { stats } = connect(broker.url, { protocol });
          for (let seq = 1; seq <= 3000; seq += 1) {
            offer(`{"seq":${seq}}`, qos);
          }
          await subscriber.until(heard(3000));
          assert.deepEqual(
            subscriber.on(topic).map(seqOf),
            Array.from({ length: 3000 }, (_, i) => i + 1),
          );
          assert.equal(subscriber.on(topic)[0]?.qos, Math.min(qos, 1));
          // More in flight than the broker allows (20) would have ended the connection.
          assert.equal(use.publisher?.stats.connects, 1);
          assert.equal(stats.protocol, protocol);
        });
      }
    }

    test('says in MQTT 5 what is constant once, and how long a record is worth keeping that has waited', async () => {
      offer('{"seq":1}');
      use.pass(600_000);
      connect(broker.url);
      const outline = {
        entry: 'spindle',
        members: [],
        events: [],
        periodMs: 10,
        format: 'json',
        nowSeconds: 1,
      } as const;
      use.publisher?.setLatest({ kind: 'info', stream: 'spindle', payload: '{}', outline });
      await subscriber.until(heard(1));
      offer('{"seq":2}');
      await subscriber.until(heard(2));
      assert.deepEqual(
        subscriber.on(topic).map(({ expirySeconds, contentType }) => [expirySeconds, contentType]),
        [
          [3000, undefined],
          [undefined, undefined],
        ],
      );
      const [info] = subscriber.on('lstmd/press/spindle/info');
      assert.deepEqual([info?.contentType, info?.retain], ['application/json', true]);
    });

    test('keeps records while there is no broker, and delivers them when it comes', async () => {
      await broker.stop('SIGTERM');
      connect(broker.url);
      await produce(1, 500);
      await logged('nothing listens there');
      assert.equal(use.outbox.stats.pending, 500);
      await broker.start();
      await produce(501, 600);
      await subscriber.until(heard(600));
      assertComplete(subscriber, 600);
      assert.equal(use.log.at('warn').length, 1);
    });

    test('loses nothing when the broker restarts in mid-stream', async () => {
      connect(broker.url);
      for (let round = 0; round < 3; round += 1) {
        await produce(round * 3000 + 1, round * 3000 + 2000);
        const stopped = broker.stop('SIGTERM');
        await produce(round * 3000 + 2001, round * 3000 + 3000);
        await stopped;
        await broker.start();
      }
      await subscriber.until(heard(9000));
      assertComplete(subscriber, 9000);
      const { produced, delivered, pending } = use.outbox.stats;
      assert.deepEqual([produced, delivered + pending], [9000, 9000]);
    });

    test('loses nothing over a link that breaks again and again, and repeats a window at most', async () => {
      const proxy = new CuttingProxy(broker.port);
      await proxy.start();
      proxy.limitBytes = 5000;
      connect(proxy.url);
      await produce(1, 2000);
      await subscriber.until(heard(2000));
      assertComplete(subscriber, 2000);
      const copies = subscriber.on(topic).length - 2000;
      assert.ok(proxy.cuts > 5, `${proxy.cuts} cuts`);
      assert.ok(copies <= 20 * proxy.cuts, `${copies} copies, ${proxy.cuts} cuts`);
      proxy.limitBytes = Infinity;
      await use.publisher?.stop({ deadlineMs: 5000 });
      await proxy.stop();
      assert.equal(use.outbox.stats.delivered, 2000);
    });

    test('is said to be offline by its will when its connection breaks, and online again', async () => {
      const proxy = new CuttingProxy(broker.port);
      await proxy.start();
      connect(proxy.url);
      await subscriber.until((all) => all.length === 1);
      proxy.cut();
      await subscriber.until((all) => all.length === 3);
      assert.deepEqual(
        subscriber.on(statusTopic).map(({ payload }) => payload),
        [status('online'), status('offline'), status('online')],
      );
      assert.ok(subscriber.received.every(({ retain }) => retain));
      await use.publisher?.stop({ deadlineMs: 5000 });
      await proxy.stop();
    });

    test('stops only when all is sent, and says offline last', async () => {
      connect(broker.url);
      await logged('connected');
      for (let seq = 1; seq <= 2000; seq += 1) {
        offer(`{"seq":${seq}}`);
      }
      const first = use.publisher?.stop({ deadlineMs: 10_000 });
      assert.equal(use.publisher?.stop({ deadlineMs: 1 }), first);
      await first;
      assert.equal(use.outbox.pending, 0);
      await subscriber.until((all) => all.length === 2002);
      assertComplete(subscriber, 2000);
      assert.match(subscriber.received.at(-1)?.payload ?? '', /offline/);
      assert.equal(subscriber.on(statusTopic).length, 2);
    });

    test('tries once more when it is stopped with records and no connection', async () => {
      await broker.stop('SIGTERM');
      connect(broker.url, { backoff: { minMs: 1e8, maxMs: 1e9 } });
      await produce(1, 100);
      await logged('nothing listens there');
      await broker.start();
      await use.publisher?.stop({ deadlineMs: 10_000 });
      assert.equal(use.outbox.pending, 0);
      await subscriber.until(heard(100));
      assertComplete(subscriber, 100);
    });

    test('stops at the deadline when the broker answers nothing', async () => {
      connect(broker.url);
      await logged('connected');
      broker.freeze();
      await produce(1, 100);
      await use.publisher?.stop({ deadlineMs: 50 });
      const { pending } = use.outbox;
      assert.ok(pending > 50);
      const { produced, delivered } = use.outbox.stats;
      assert.equal(produced, delivered + pending);
    });

    test('publishes the latest of a retained value, and again when the broker forgot it', async () => {
      await broker.stop();
      connect(broker.url);
      for (let n = 0; n < 100; n += 1) {
        use.publisher?.setLatest({ kind: 'deviceHealth', payload: `{"n":${n}}` });
      }
      await subscriber.end();
      await broker.start();
      await logged('connected');
      use.publisher?.setLatest({ kind: 'now', stream: 'spindle', payload: '{}' });
      subscriber = await broker.subscribe();
      await subscriber.until((all) => all.length >= 3);
      const health = (): string[] =>
        subscriber.on('lstmd/press/health').map(({ payload }) => payload);
      assert.deepEqual(health(), ['{"n":99}']);
    });

    test('goes on trying while it is refused, says why once, and shows no password', async () => {
      execFileSync('mosquitto_passwd', ['-b', '-c', join(broker.directory, 'pw'), 'edge', 'right']);
      const secured = `allow_anonymous false\npassword_file ${broker.directory}/pw`;
      await broker.stop('SIGTERM');
      await broker.start('allow_anonymous false');
      connect(broker.url, {
        username: 'edge',
        secrets: () => Promise.resolve({ password: 'right' }),
      });
      await logged('Not authorized');
      while ((use.publisher?.stats.failedAttempts ?? 0) < 4) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(use.log.at('warn').length, 1);
      await broker.stop('SIGTERM');
      await broker.start(secured);
      await logged('connected');
      assert.ok(!JSON.stringify(use.log.lines).includes('right'));
    });

    test('keeps within what the broker allows', async () => {
      await subscriber.end();
      await broker.stop('SIGTERM');
      await broker.start('allow_anonymous true\nmax_qos 0\nretain_available false');
      // A broker keeps nothing of QoS 0 for a subscriber that is on its way back.
      subscriber = await broker.subscribe();
      connect(broker.url);
      offer('{"seq":1}');
      await subscriber.until(heard(1));
      assert.equal(use.publisher?.stats.connects, 1);
      await use.publisher?.stop({ deadlineMs: 5000 });
      assert.equal(use.outbox.stats.delivered, 1);
    });

    for (const protocol of ['5', '3.1.1'] as const) {
      test(`leaves out what is larger than the broker takes over MQTT ${protocol}, and counts it`, async () => {
        await broker.stop('SIGTERM');
        await broker.start('allow_anonymous true\nmax_packet_size 1000');
        connect(broker.url, { protocol });
        use.publisher?.setLatest({ kind: 'deviceHealth', payload: `{"a":"${'x'.repeat(1500)}"}` });
        use.publisher?.setLatest({ kind: 'health', stream: 'spindle', payload: '{}' });
        offer('x'.repeat(2000));
        offer('{"seq":1}');
        await subscriber.until(heard(1));
        assert.equal(use.outbox.stats.dropped.tooLarge, 1);
        assert.ok((use.publisher?.stats.leftOut ?? 0) >= 1);
        // Where the bound is not told, it takes a few connections to find it.
        assert.ok((use.publisher?.stats.connects ?? 0) <= (protocol === '5' ? 1 : 5));
        assert.equal(subscriber.on('lstmd/press/spindle/health').at(-1)?.payload, '{}');
      });
    }

    test('finds the bound of a broker that refuses a large publish with a reason beside MQTT', async () => {
      await broker.stop('SIGTERM');
      await broker.start('allow_anonymous true\nmessage_size_limit 1000');
      connect(broker.url, { protocol: '5' });
      use.publisher?.setLatest({ kind: 'health', stream: 'spindle', payload: '{}' });
      offer('x'.repeat(2000));
      offer('{"seq":1}');
      await subscriber.until(heard(1));
      assert.equal(use.outbox.stats.dropped.tooLarge, 1);
      assert.ok((use.publisher?.stats.connects ?? 0) <= 5);
    });

    test('sends each record at once, without Nagle', async () => {
      const setNoDelay = mock.method(Socket.prototype, 'setNoDelay');
      const proxy = new CuttingProxy(broker.port);
      await proxy.start();
      try {
        connect(proxy.url);
        await subscriber.until((all) => all.length === 1);
        proxy.cut();
        await subscriber.until((all) => all.length === 3);
        const calls = setNoDelay.mock.calls.filter((call) => call.arguments[0] === true);
        assert.equal(calls.length, use.publisher?.stats.connects);
      } finally {
        setNoDelay.mock.restore();
        await use.publisher?.stop({ deadlineMs: 1000 });
        await proxy.stop();
      }
    });
  });

  test('stops before it has started, and does not start after that', async () => {
    const idle = new MqttPublisher({
      url: 'mqtt://127.0.0.1:1',
      clientId: 'x',
      protocol: '5',
      keepaliveSeconds: 30,
      topics: new Topics('lstmd', 'press'),
      records: use.outbox,
      log: use.log,
    });
    offer('{}');
    await idle.stop({ deadlineMs: 10 });
    assert.equal(use.outbox.pending, 1);
    idle.start();
    assert.deepEqual(use.log.lines, []);
  });

  test('refuses at its start what can never work', () => {
    assert.throws(() => connect('http://broker'), { code: 'config.invalid' });
  });
});
