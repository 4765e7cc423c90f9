import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Packet } from 'mqtt-packet';
import { MqttPublisher, type MqttPublisherOptions } from '#src/publish/mqtt/mqtt-publisher.js';
import { Topics } from '#src/publish/mqtt/topics.js';
import { Outbox } from '#src/publish/outbox/outbox.js';
import type { Qos, RecordKind } from '#src/publish/prediction/record.js';
import { RecordedLog } from '../../support/recorded-log.js';
import { ScriptedBroker, type Script } from '../../support/scripted-broker.js';

const isRecord = (packet: Packet): boolean => packet.cmd === 'publish' && !packet.retain;

/** A bound for the failing test alone, far above what any needs. */
const patienceMs = 20_000;

/** Looks again and again, since a connection, an outbox and a log have no event in common. */
async function until(isDone: () => boolean): Promise<void> {
  const startMs = performance.now();
  while (!isDone()) {
    assert.ok(performance.now() - startMs < patienceMs, `not in time: ${isDone.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('a broker that misbehaves', { timeout: 60_000 }, () => {
  let log: RecordedLog;
  let outbox: Outbox;
  let broker: ScriptedBroker;
  let publisher: MqttPublisher;

  beforeEach(() => {
    log = new RecordedLog();
    outbox = new Outbox({
      maxBytes: 16 * 1024 * 1024,
      maxAgeMs: 3_600_000,
      onReady: () => publisher.recordsReady(),
    });
  });

  afterEach(async () => {
    await publisher.stop({ deadlineMs: 100 });
    await broker.stop();
  });

  async function play(script: Script, options: Partial<MqttPublisherOptions> = {}): Promise<void> {
    broker = await ScriptedBroker.start(script);
    publisher = new MqttPublisher({
      url: broker.url,
      clientId: 'lstmd-press',
      protocol: '5',
      keepaliveSeconds: 30,
      topics: new Topics('lstmd', 'press'),
      records: outbox,
      log,
      backoff: { minMs: 1, maxMs: 5 },
      ...options,
    });
    publisher.start();
  }

  function offer(count: number, qos: Qos = 1, kind: RecordKind = 'prediction'): void {
    for (let n = 0; n < count; n += 1) {
      outbox.offer({ stream: 'spindle', kind, payload: `{"seq":${n}}`, qos });
    }
  }

  const warnings = (): unknown[] =>
    log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['reason']);

  for (const qos of [1, 2] as const) {
    for (const protocol of ['5', '3.1.1'] as const) {
      test(`loses acknowledgements at QoS ${qos} over MQTT ${protocol}: they are sent again on another connection`, async () => {
        let answers = 0;
        const got = new Set<string>();
        await play(
          (packet, connection) => {
            if (packet.cmd === 'publish' && isRecord(packet)) {
              got.add(String(packet.payload));
            }
            if (isRecord(packet) || packet.cmd === 'pubrel') {
              answers += 1;
              // Of the first hundred every third is lost.
              if (answers < 100 && answers % 3 === 0) {
                return;
              }
            }
            connection.accept(packet);
          },
          { answerTimeoutMs: 60, protocol },
        );
        offer(300, qos);
        await until(() => outbox.stats.delivered === 300);
        assert.equal(got.size, 300);
        assert.ok(broker.connections.length > 1);
        assert.match(String(warnings()[0]), /did not acknowledge a publish/);
      });
    }
  }

  test('acknowledges late, while this process stands still: nobody is to blame', async () => {
    await play(
      (packet, connection) => {
        connection.accept(packet);
      },
      { answerTimeoutMs: 300 },
    );
    await until(() => publisher.stats.connected);
    offer(10);
    // Nothing is read, here or by the broker beside us, for longer than an answer may take.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);
    await until(() => outbox.stats.delivered === 10);
    assert.equal(broker.connections.length, 1);
  });

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
      publisher.setLatest({ kind: 'deviceHealth', payload: `{"a":"${'x'.repeat(2000)}"}` });
      publisher.setLatest({ kind: 'health', stream: 'a', payload: `{"a":"${'x'.repeat(1200)}"}` });
      publisher.setLatest({ kind: 'health', stream: 'b', payload: `{"a":"${'x'.repeat(600)}"}` });
      offer(20);
      outbox.offer({ stream: 'a', kind: 'event', payload: 'x'.repeat(1500), qos: 1 });
      offer(20);
      await until(() => outbox.stats.delivered === 40 && outbox.stats.dropped.tooLarge === 1);
      await until(() => publisher.stats.connected && publisher.stats.leftOut >= 2);
      assert.deepEqual([...topics].toSorted(), [
        'lstmd/press/b/health',
        'lstmd/press/spindle/prediction',
        'lstmd/press/status',
      ]);
      assert.equal(log.at('warn').filter((line) => line.startsWith('larger than')).length, 3);
      // It is known now: the connection holds.
      const { connects } = publisher.stats;
      assert.ok(connects <= 5, `${connects} connections`);
      offer(100);
      publisher.setLatest({ kind: 'deviceHealth', payload: `{"a":"${'x'.repeat(2001)}"}` });
      await until(() => outbox.stats.delivered === 140);
      assert.equal(publisher.stats.connects, connects);
    });
  }

  test('reads nothing more at QoS 0: what it did not confirm is pending, and lost with the connection', async () => {
    let isReading = true;
    await play(
      (packet, connection) => {
        if (isReading) {
          connection.accept(packet);
        }
      },
      { inFlightLimit: 40 },
    );
    offer(500, 0);
    await until(() => outbox.stats.delivered === 500);
    assert.equal(broker.connections.length, 1);
    isReading = false;
    offer(100, 0);
    await until(() => outbox.stats.inFlight === 40);
    const { delivered, pending } = outbox.stats;
    assert.deepEqual([delivered, pending], [500, 100]);
    isReading = true;
    broker.connections[0]?.socket.destroy();
    await until(() => outbox.stats.pending === 0);
    assert.deepEqual([outbox.stats.delivered, outbox.stats.dropped.lost], [560, 40]);
  });

  test('acknowledges something later: what was sent before it at QoS 0 is delivered', async () => {
    const sent: string[] = [];
    await play((packet, connection) => {
      sent.push(packet.cmd);
      if (packet.cmd !== 'pingreq') {
        connection.accept(packet);
      }
    });
    await until(() => publisher.stats.connected);
    offer(10, 0);
    offer(1, 1);
    await until(() => outbox.stats.delivered === 11);
    assert.equal(broker.connections.length, 1);
  });

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
        await until(() => publisher.stats.refusals > 70);
        offer(10, qos, 'event');
        await until(() => outbox.stats.delivered === 10);
        assert.equal(outbox.stats.pending, 200);
        isRefusing = false;
        await until(() => outbox.stats.delivered === 210);
        assert.deepEqual(
          taken,
          Array.from({ length: 200 }, (_, n) => `{"seq":${n}}`),
        );
        assert.equal(log.at('warn').length, 1);
        assert.equal(broker.connections.length, 1);
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
    publisher.setLatest({ kind: 'deviceHealth', payload: '{"a":1}' });
    await until(() => taken.includes('lstmd/press/health'));
    assert.equal(broker.connections.length, 1);
  });

  const message = { topic: 'a', payload: 'x'.repeat(10_000), dup: false, retain: false };
  const unasked: readonly Packet[] = [
    { cmd: 'publish', qos: 0, ...message },
    { cmd: 'publish', qos: 1, messageId: 1, ...message },
    { cmd: 'publish', qos: 2, messageId: 2, ...message },
    { cmd: 'pubrel', messageId: 3 },
    { cmd: 'suback', messageId: 4, granted: [0] },
    { cmd: 'pingresp' },
    { cmd: 'connack', reasonCode: 0, sessionPresent: false },
  ];
  for (const [index, packet] of unasked.entries()) {
    test(`sends a ${packet.cmd} that nobody asked for (${index}): the connection ends, and nothing is answered`, async () => {
      const answers: string[] = [];
      await play((received, connection) => {
        if (connection.number === 1 && !['connect', 'publish'].includes(received.cmd)) {
          answers.push(received.cmd);
        }
        connection.accept(received);
        if (connection.number === 1 && received.cmd === 'publish') {
          for (let n = 0; n < 20; n += 1) {
            connection.send(packet);
          }
        }
      });
      offer(10);
      await until(() => outbox.stats.delivered === 10);
      assert.match(String(warnings()[0]), new RegExp(`sent a ${packet.cmd} packet`));
      assert.deepEqual(answers, []);
      assert.equal(broker.connections.length, 2);
    });
  }

  for (const [index, packet] of unasked.filter(({ cmd }) => cmd !== 'connack').entries()) {
    test(`sends a ${packet.cmd} in one piece with the CONNACK (${index}): the connection ends, and nothing is answered`, async () => {
      const answers: string[] = [];
      await play((received, connection) => {
        if (connection.number > 1) {
          connection.accept(received);
        } else if (received.cmd === 'connect') {
          connection.socket.cork();
          connection.accept(received);
          connection.send(packet);
          connection.socket.uncork();
        } else {
          answers.push(received.cmd);
        }
      });
      offer(10);
      await until(() => outbox.stats.delivered === 10);
      assert.match(String(warnings()[0]), new RegExp(`sent a ${packet.cmd} packet`));
      assert.deepEqual(answers, []);
      assert.equal(broker.connections.length, 2);
    });
  }

  test('acknowledges twice: that is harmless', async () => {
    await play((packet, connection) => {
      connection.accept(packet);
      if (packet.cmd === 'publish') {
        connection.accept(packet);
      }
    });
    offer(100);
    await until(() => outbox.stats.delivered === 100);
    assert.equal(broker.connections.length, 1);
  });

  test('is half open, then silent, then hangs up: the next session speaks 5 again', async () => {
    await play(
      (packet, connection) => {
        if (connection.number === 1 || connection.number > 5) {
          connection.accept(packet);
        } else if (connection.number > 3) {
          connection.socket.destroy();
        }
      },
      { connectTimeoutMs: 100 },
    );
    await until(() => publisher.stats.connected);
    broker.connections[0]?.socket.destroy();
    await until(() => publisher.stats.connects === 2);
    assert.equal(publisher.stats.protocol, '5');
  });

  test('hangs up at the first CONNECT only: the session speaks 5', async () => {
    await play((packet, connection) => {
      if (connection.number === 1) {
        connection.socket.destroy();
      } else {
        connection.accept(packet);
      }
    });
    offer(1);
    await until(() => outbox.stats.delivered === 1);
    assert.deepEqual([publisher.stats.protocol, publisher.stats.connects], ['5', 1]);
  });

  test('hangs up on every CONNECT of version 5: the session speaks 3.1.1, and so do those that follow', async () => {
    await play((packet, connection) => {
      if (connection.connect?.protocolVersion === 5) {
        connection.socket.destroy();
      } else {
        connection.accept(packet);
      }
    });
    offer(1);
    await until(() => outbox.stats.delivered === 1);
    const { length } = broker.connections;
    broker.connections.at(-1)?.socket.destroy();
    offer(1);
    await until(() => outbox.stats.delivered === 2);
    assert.deepEqual([publisher.stats.protocol, broker.connections.length], ['3.1.1', length + 1]);
  });

  test('ends one connection after the other over MQTT 3.1.1: the log names the id that two may use', async () => {
    let wills = 0;
    await play(
      (packet, connection) => {
        if (packet.cmd === 'connect' && packet.will !== undefined) {
          wills = (JSON.parse(String(packet.will.payload)) as { ts: number }).ts;
        }
        connection.accept(packet);
        if (packet.cmd === 'publish') {
          const { ts } = JSON.parse(String(packet.payload)) as { ts: number };
          assert.equal(ts, wills, 'the will is not older than the online before it');
          connection.socket.end();
        }
      },
      { protocol: '3.1.1' },
    );
    await until(() => warnings().some((reason) => String(reason).includes('another client uses')));
    assert.match(String(warnings().at(-1)), /"lstmd-press"/);
  });

  test('does not authorize: the log says what to look at', async () => {
    await play((_, connection) => {
      connection.send({ cmd: 'connack', reasonCode: 0x87, sessionPresent: false });
    });
    await until(() => warnings().length > 0);
    assert.match(String(warnings()[0]), /Not authorized: look at mqtt\.username/);
  });
});
