import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqttPublisher } from '#src/publish/mqtt/mqtt-publisher.js';
import { Topics } from '#src/publish/mqtt/topics.js';
import { Outbox } from '#src/publish/outbox/outbox.js';
import { Broker, needsBroker, type Received } from '../support/broker.js';
import { silentLog } from '../support/silent-log.js';
import { isLong } from './long-run.js';

/** More than MQTT has packet identifiers. */
const records = isLong ? 100_000 : 70_000;
const topic = 'lstmd/press/spindle/prediction';

const seqOf = ({ payload }: Received): number => (JSON.parse(payload) as { seq: number }).seq;

test(
  'loses none of more records than MQTT has identifiers, made while there was no broker',
  { skip: needsBroker(), timeout: 300_000 },
  async (t) => {
    const broker = await Broker.create();
    const outbox = new Outbox({ maxBytes: 32 * 1024 * 1024, maxAgeMs: 3_600_000 });
    const publisher = new MqttPublisher({
      url: broker.url,
      clientId: 'lstmd-press',
      protocol: '5',
      keepaliveSeconds: 30,
      topics: new Topics('lstmd', 'press'),
      records: outbox,
      log: silentLog,
    });
    t.after(() => broker.remove());
    t.after(() => publisher.stop({ deadlineMs: 1000 }));
    for (let seq = 1; seq <= records; seq += 1) {
      outbox.offer({ stream: 'spindle', kind: 'prediction', payload: `{"seq":${seq}}`, qos: 1 });
    }
    assert.equal(outbox.stats.pending, records);

    await broker.start();
    const subscriber = await broker.subscribe(topic);
    t.after(() => subscriber.end());
    publisher.start();
    await subscriber.until((received) => received.length >= records);
    await publisher.stop({ deadlineMs: 10_000 });
    assert.deepEqual(
      subscriber.on(topic).map(seqOf),
      Array.from({ length: records }, (_, n) => n + 1),
    );
    const { produced, delivered, pending, dropped } = outbox.stats;
    assert.deepEqual([produced, delivered, pending], [records, records, 0]);
    assert.ok(Object.values(dropped).every((count) => count === 0));
    assert.equal(publisher.stats.connects, 1);
  },
);
