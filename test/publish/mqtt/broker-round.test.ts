import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Broker, freePort, needsBroker, type Received } from '../../support/broker.js';
import { CuttingProxy } from '../../support/cutting-proxy.js';
import { usePublisher } from './connected-publisher.js';

const topic = 'lstmd/press/spindle/prediction';
const heard = (seq: number) => (received: readonly Received[]) =>
  received.some(({ payload }) => payload === `{"seq":${seq}}`);

describe('mqtt publisher and its brokers', { skip: needsBroker(), timeout: 300_000 }, () => {
  const use = usePublisher();
  const { connect, offer } = use;
  let broker: Broker;

  beforeEach(async () => {
    broker = await Broker.start();
  });

  afterEach(async () => {
    await use.publisher?.stop({ deadlineMs: 100 });
    await broker.remove();
  });

  test(
    'goes on to the next where one is not there, without a wait, and says everything anew to each',
    { timeout: 60_000 },
    async (t) => {
      const other = await Broker.create();
      t.after(() => other.remove());
      connect([other.url, broker.url], { backoff: { minMs: 1e9, maxMs: 1e9 } });
      use.publisher?.setLatest({ kind: 'deviceHealth', payload: '{"n":1}' });
      const subscriber = await broker.subscribe();
      offer('{"seq":1}');
      await subscriber.until(heard(1));
      assert.deepEqual(use.publisher?.stats.failedAttempts, 1);
      await subscriber.end();
      await use.publisher?.stop({ deadlineMs: 5000 });

      connect([other.url, broker.url], { backoff: { minMs: 1, maxMs: 5 } });
      use.publisher?.setLatest({ kind: 'deviceHealth', payload: '{"n":2}' });
      await use.logged(broker.url);
      await other.start();
      const atOther = await other.subscribe();
      t.after(() => atOther.end());
      await broker.stop();
      offer('{"seq":2}');
      await atOther.until(heard(2));
      await atOther.until((all) => all.some((each) => each.topic === 'lstmd/press/status'));
      assert.equal(atOther.on('lstmd/press/health')[0]?.payload, '{"n":2}');
      assert.equal(use.outbox.stats.pending + use.outbox.stats.delivered, 2);
    },
  );

  test('publishes over a WebSocket', async (t) => {
    const port = await freePort();
    await broker.stop('SIGTERM');
    await broker.start(
      `allow_anonymous true\nlistener ${port} 127.0.0.1\nprotocol websockets\nallow_anonymous true`,
    );
    const subscriber = await broker.subscribe();
    t.after(() => subscriber.end());
    connect(`ws://127.0.0.1:${port}/mqtt`);
    for (let seq = 1; seq <= 500; seq += 1) {
      offer(`{"seq":${seq}}`);
    }
    await subscriber.until(heard(500));
    assert.equal(subscriber.on(topic).length, 500);
    const ended = use.publisher?.stop({ deadlineMs: 5000 });
    await ended;
    await subscriber.until((all) => /offline/.test(all.at(-1)?.payload ?? ''));
  });

  test('says why where there is no WebSocket', async () => {
    connect(`ws://127.0.0.1:${broker.port}`);
    await use.logged('no WebSocket for MQTT there');
  });

  test('is not said to be offline within the delay of its will', async (t) => {
    const subscriber = await broker.subscribe('lstmd/press/status');
    t.after(() => subscriber.end());
    const proxy = new CuttingProxy(broker.port);
    await proxy.start();
    connect(proxy.url, { willDelaySeconds: 60 });
    await subscriber.until((all) => all.length === 1);
    proxy.cut();
    await subscriber.until((all) => all.length === 2);
    assert.deepEqual(
      subscriber.received.map(({ payload }) => payload.slice(0, 17)),
      ['{"state":"online"', '{"state":"online"'],
    );
    await use.publisher?.stop({ deadlineMs: 5000 });
    await proxy.stop();
  });
});
