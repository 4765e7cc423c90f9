import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { generate, type Packet } from 'mqtt-packet';
import type { ScriptedConnection } from '../../support/scripted-broker.js';
import { until, usePlayedBroker } from './played-broker.js';

const isRecord = (packet: Packet): boolean => packet.cmd === 'publish' && !packet.retain;

/** Sends a packet to a client in this process, which polls before the next byte. */
async function sendByteByByte(packet: Packet, { socket }: ScriptedConnection): Promise<void> {
  for (const byte of generate(packet, { protocolVersion: 5 })) {
    socket.write(Buffer.of(byte));
    await turn();
    await turn();
  }
}

describe('a broker that misbehaves', { timeout: 300_000 }, () => {
  const played = usePlayedBroker();
  const { play, offer, warnings } = played;

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
              // Every third of the first hundred is lost.
              if (answers < 100 && answers % 3 === 0) {
                return;
              }
            }
            connection.accept(packet);
          },
          { answerTimeoutMs: 60, protocol },
        );
        offer(300, qos);
        await until(() => played.outbox.stats.delivered === 300);
        assert.equal(got.size, 300);
        assert.ok(played.broker.connections.length > 1);
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
    await until(() => played.publisher.stats.connected);
    offer(10);
    // Nothing is read, here or by the played.broker beside us, for longer than an answer may take.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);
    await until(() => played.outbox.stats.delivered === 10);
    assert.equal(played.broker.connections.length, 1);
  });

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
    await until(() => played.outbox.stats.delivered === 500);
    assert.equal(played.broker.connections.length, 1);
    isReading = false;
    offer(100, 0);
    await until(() => played.outbox.stats.inFlight === 40);
    const { delivered, pending } = played.outbox.stats;
    assert.deepEqual([delivered, pending], [500, 100]);
    isReading = true;
    played.broker.connections[0]?.socket.destroy();
    await until(() => played.outbox.stats.pending === 0);
    assert.deepEqual([played.outbox.stats.delivered, played.outbox.stats.dropped.lost], [560, 40]);
  });

  test('acknowledges something later: what was sent before it at QoS 0 is delivered', async () => {
    const sent: string[] = [];
    await play((packet, connection) => {
      sent.push(packet.cmd);
      if (packet.cmd !== 'pingreq') {
        connection.accept(packet);
      }
    });
    await until(() => played.publisher.stats.connected);
    offer(10, 0);
    offer(1, 1);
    await until(() => played.outbox.stats.delivered === 11);
    assert.equal(played.broker.connections.length, 1);
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
      await until(() => played.outbox.stats.delivered === 10);
      // Answers to publishes are read at once, and what else comes a little later.
      await until(() => played.broker.connections.length === 2);
      assert.match(String(warnings()[0]), new RegExp(`sent a ${packet.cmd} packet`));
      assert.deepEqual(answers, []);
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
      await until(() => played.outbox.stats.delivered === 10);
      // Answers to publishes are read at once, and what else comes a little later.
      await until(() => played.broker.connections.length === 2);
      assert.match(String(warnings()[0]), new RegExp(`sent a ${packet.cmd} packet`));
      assert.deepEqual(answers, []);
    });
  }

  test('answers to a publish that was never sent: the connection ends', async () => {
    await play((packet, connection) => {
      connection.accept(packet);
      if (packet.cmd === 'publish' && connection.number === 1) {
        connection.send({ cmd: 'puback', messageId: 20_000 });
      }
    });
    offer(10);
    await until(() => played.outbox.stats.delivered === 10);
    await until(() => played.broker.connections.length === 2);
    assert.match(String(warnings()[0]), /sent a puback packet/);
  });

  test('answers byte by byte: each is read when it is whole', async () => {
    let sent: Promise<unknown> = Promise.resolve();
    await play((packet, connection) => {
      const { messageId = 0 } = packet;
      const answer: Packet | undefined =
        packet.cmd === 'connect'
          ? {
              cmd: 'connack',
              reasonCode: 0,
              sessionPresent: false,
              properties: { receiveMaximum: 2, topicAliasMaximum: 3, maximumPacketSize: 4000 },
            }
          : packet.cmd === 'publish'
            ? { cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId, reasonCode: 0x10 }
            : packet.cmd === 'pubrel'
              ? { cmd: 'pubcomp', messageId, reasonCode: 0 }
              : undefined;
      if (answer === undefined) {
        connection.accept(packet);
        return;
      }
      connection.socket.setNoDelay(true);
      const before = sent;
      sent = (async () => {
        await before;
        await sendByteByByte(answer, connection);
      })();
    });
    offer(300);
    offer(20, 2);
    await until(() => played.outbox.stats.delivered === 320);
    assert.equal(played.broker.connections.length, 1);
    assert.deepEqual(warnings(), []);
  });

  test('acknowledges twice: that is harmless', async () => {
    await play((packet, connection) => {
      connection.accept(packet);
      if (packet.cmd === 'publish') {
        connection.accept(packet);
      }
    });
    offer(100);
    await until(() => played.outbox.stats.delivered === 100);
    assert.equal(played.broker.connections.length, 1);
  });

  const commands = { run: () => Promise.resolve('{}'), flush: () => {} };

  test('sends what was subscribed to at QoS 2, for which nobody asked: it is neither answered nor kept', async () => {
    const answers: string[] = [];
    await play(
      (packet, connection) => {
        connection.accept(packet);
        if (packet.cmd === 'subscribe' && connection.number === 1) {
          const command = { topic: 'lstmd/press/cmd/reset', payload: '{}', dup: false };
          connection.send({ cmd: 'publish', qos: 2, messageId: 9, retain: false, ...command });
        } else if (['pubrec', 'pubcomp'].includes(packet.cmd)) {
          answers.push(packet.cmd);
        }
      },
      { commands },
    );
    await until(() => played.broker.connections.length === 2);
    assert.match(String(warnings()[0]), /sent a publish packet/);
    assert.deepEqual(answers, []);
  });

  test('loses the answer to a subscription: it is asked for again on another connection', async () => {
    let subscriptions = 0;
    await play(
      (packet, connection) => {
        const isSubscription = packet.cmd === 'subscribe';
        subscriptions += isSubscription ? 1 : 0;
        if (!isSubscription || connection.number > 1) {
          connection.accept(packet);
        }
      },
      { commands, answerTimeoutMs: 60 },
    );
    await until(() => subscriptions === 2);
    assert.match(String(warnings()[0]), /did not acknowledge a subscription/);
    offer(10);
    await until(() => played.outbox.stats.delivered === 10);
  });
});
