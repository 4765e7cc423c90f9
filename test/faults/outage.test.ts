import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connector } from '#src/publish/mqtt/connector.js';
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
  { skip: needsBroker(), timeout: 240_000 },
  async (t) => {
    const broker = await Broker.create();
    const outbox = new Outbox({ maxBytes: 32 * 1024 * 1024, maxAgeMs: 3_600_000 });
    const connector = new Connector({
      url: broker.url,
      clientId: 'lstmd-press',
      protocol: '5',
      keepaliveSeconds: 30,
      statusTopic: 'lstmd/press/status',
      outbox,
      log: silentLog,
    });
    t.after(() => broker.remove());
    t.after(() => connector.stop({ deadlineMs: 1000 }));
    for (let seq = 1; seq <= records; seq += 1) {
      connector.publish(topic, `{"seq":${seq}}`, 1);
    }
    assert.equal(outbox.stats.pending, records);

    await broker.start();
    const subscriber = await broker.subscribe(topic);
    t.after(() => subscriber.end());
    connector.start();
    await subscriber.until((received) => received.length >= records);
    await connector.stop({ deadlineMs: 10_000 });
    assert.deepEqual(
      subscriber.on(topic).map(seqOf),
      Array.from({ length: records }, (_, n) => n + 1),
    );
    const { produced, delivered, pending, dropped } = outbox.stats;
    assert.deepEqual([produced, delivered, pending], [records, records, 0]);
    assert.ok(Object.values(dropped).every((count) => count === 0));
    assert.equal(connector.stats.connects, 1);
  },
);
