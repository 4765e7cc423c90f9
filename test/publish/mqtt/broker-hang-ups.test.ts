import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until, usePlayedBroker } from './played-broker.js';

describe('a broker that hangs up', { timeout: 300_000 }, () => {
  const played = usePlayedBroker();
  const { play, offer, warnings } = played;
  const contests = (): string[] =>
    played.log.at('warn').filter((message) => message.includes('another client'));

  test('is half open, then silent, then hangs up: the next session speaks 5 again', async () => {
    await play(
      (packet, connection) => {
        if (connection.number === 1 || connection.number > 5) {
          connection.accept(packet);
        } else if (connection.number > 3) {
          connection.socket.destroy();
        }
      },
      { connectTimeoutMs: 400 },
    );
    await until(() => played.publisher.stats.connected);
    played.broker.connections[0]?.socket.destroy();
    await until(() => played.publisher.stats.connects === 2);
    assert.equal(played.publisher.stats.protocol, '5');
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
    await until(() => played.outbox.stats.delivered === 1);
    assert.deepEqual([played.publisher.stats.protocol, played.publisher.stats.connects], ['5', 1]);
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
    await until(() => played.outbox.stats.delivered === 1);
    const { length } = played.broker.connections;
    played.broker.connections.at(-1)?.socket.destroy();
    offer(1);
    await until(() => played.outbox.stats.delivered === 2);
    assert.deepEqual(
      [played.publisher.stats.protocol, played.broker.connections.length],
      ['3.1.1', length + 1],
    );
  });

  test('ends one connection after the other over MQTT 3.1.1: the played.log names the id that two may use', async () => {
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
    await until(() => contests().length > 0);
    assert.match(contests()[0] ?? '', /perhaps because another client uses the id "lstmd-press"/);
  });

  test('says now and then that another client takes the place: one clear line does, whatever the other ends say', async () => {
    await play((packet, connection) => {
      if (packet.cmd !== 'connect') {
        return;
      }
      if (connection.number % 3 === 2) {
        connection.send({ cmd: 'connack', reasonCode: 0x9f, sessionPresent: false });
        connection.socket.end();
        return;
      }
      connection.accept(packet);
      if (connection.number % 3 === 1) {
        connection.send({ cmd: 'disconnect', reasonCode: 0x8e });
      }
      connection.socket.end();
    });
    await until(() => played.broker.connections.length > 9);
    assert.deepEqual(contests(), [
      `another client uses the id "lstmd-press" and takes this one's place: give each device its own name, or set mqtt.clientId`,
    ]);
  });

  test('refuses the id: the log names it', async () => {
    await play((_, connection) => {
      connection.send({ cmd: 'connack', reasonCode: 0x85, sessionPresent: false });
    });
    await until(() => warnings().length > 0);
    assert.match(String(warnings()[0]), /perhaps because another client uses it/);
  });

  test('does not authorize: the played.log says what to look at', async () => {
    await play((_, connection) => {
      connection.send({ cmd: 'connack', reasonCode: 0x87, sessionPresent: false });
    });
    await until(() => warnings().length > 0);
    assert.match(String(warnings()[0]), /Not authorized: look at mqtt\.username/);
  });
});
