import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until, usePlayedBroker } from './played-broker.js';

describe('a broker that refuses', { timeout: 60_000 }, () => {
  const played = usePlayedBroker();
  const { play, offer } = played;

  for (const protocol of ['5', '3.1.1'] as const) {
    test(`takes packets of 1000 bytes over MQTT ${protocol}: what is larger is left out, and the rest arrives`, async () => {
      const largest = 1000;
      const topics = new Set<string>();
      await play(
        (packet, connection) => {
          if (packet.cmd === 'publish') {
            if ((packet.length ?? 0) + 3 > largest) {
              connection.socket.destroy();
              return;
            }
            topics.add(packet.topic);
          }
          if (packet.cmd === 'connect' && protocol === '5') {
            const properties = { maximumPacketSize: largest };
            connection.send({ cmd: 'connack', reasonCode: 0, sessionPresent: false, properties });
            return;
          }
          connection.accept(packet);
        },
        { protocol },
      );
      played.publisher.setLatest({ kind: 'deviceHealth', payload: `{"a":"${'x'.repeat(2000)}"}` });
      played.publisher.setLatest({
        kind: 'health',
        stream: 'a',
        payload: `{"a":"${'x'.repeat(1200)}"}`,
      });
      played.publisher.setLatest({
        kind: 'health',
        stream: 'b',
        payload: `{"a":"${'x'.repeat(600)}"}`,
      });
      offer(20);
      played.outbox.offer({ stream: 'a', kind: 'event', payload: 'x'.repeat(1500), qos: 1 });
      offer(20);
      await until(
        () => played.outbox.stats.delivered === 40 && played.outbox.stats.dropped.tooLarge === 1,
      );
      await until(() => played.publisher.stats.connected && played.publisher.stats.leftOut >= 2);
      assert.deepEqual([...topics].toSorted(), [
        'lstmd/press/b/health',
        'lstmd/press/spindle/prediction',
        'lstmd/press/status',
      ]);
      assert.equal(
        played.log.at('warn').filter((line) => line.startsWith('larger than')).length,
        3,
      );
      // It is known now: the connection holds.
      const { connects } = played.publisher.stats;
      assert.ok(connects <= 5, `${connects} connections`);
      offer(100);
      played.publisher.setLatest({ kind: 'deviceHealth', payload: `{"a":"${'x'.repeat(2001)}"}` });
      await until(() => played.outbox.stats.delivered === 140);
      assert.equal(played.publisher.stats.connects, connects);
    });
  }

  for (const [code, name] of [
    [0x97, 'quota exceeded'],
    [0x87, 'not authorized'],
    [0x80, 'unspecified error'],
  ] as const) {
    for (const qos of [1, 2] as const) {
      test(`refuses for a while at QoS ${qos} (${name}): nothing is dropped, order is kept, other kinds go on`, async () => {
        let isRefusing = true;
        const taken: string[] = [];
        await play((packet, connection) => {
          if (packet.cmd === 'publish' && packet.topic.endsWith('/prediction')) {
            if (isRefusing) {
              connection.accept(packet, code);
              return;
            }
            taken.push(String(packet.payload));
          }
          connection.accept(packet);
        });
        offer(200, qos);
        await until(() => played.publisher.stats.refusals > 70);
        offer(10, qos, 'event');
        await until(() => played.outbox.stats.delivered === 10);
        assert.equal(played.outbox.stats.pending, 200);
        isRefusing = false;
        await until(() => played.outbox.stats.delivered === 210);
        assert.deepEqual(
          taken,
          Array.from({ length: 200 }, (_, n) => `{"seq":${n}}`),
        );
        assert.equal(played.log.at('warn').length, 1);
        assert.equal(played.broker.connections.length, 1);
      });
    }
  }

  test('refuses a retained value for a while: it is sent again', async () => {
    let refusals = 3;
    const taken: string[] = [];
    await play((packet, connection) => {
      if (packet.cmd === 'publish' && packet.topic === 'lstmd/press/health' && refusals > 0) {
        refusals -= 1;
        connection.accept(packet, 0x97);
        return;
      }
      if (packet.cmd === 'publish') {
        taken.push(packet.topic);
      }
      connection.accept(packet);
    });
    played.publisher.setLatest({ kind: 'deviceHealth', payload: '{"a":1}' });
    await until(() => taken.includes('lstmd/press/health'));
    assert.equal(played.broker.connections.length, 1);
  });
});
