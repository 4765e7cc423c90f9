import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Packet } from 'mqtt-packet';
import { connectFeed } from '#src/sensor/links/mqtt/connection.js';
import { feedOptions } from '#src/sensor/links/mqtt/options.js';
import { ScriptedBroker, type ScriptedConnection } from '../../../support/scripted-broker.js';

const topic = 'sensors/wrist/imu';

/** Takes the feed of a broker that sends packets once it was subscribed to: what came, how it ended, and what was answered. */
async function feedOf(t: TestContext, packets: readonly Packet[]) {
  const answers: string[] = [];
  const received: string[] = [];
  let subscribed: ScriptedConnection | undefined;
  const broker = await ScriptedBroker.start((packet, connection) => {
    connection.accept(packet);
    if (packet.cmd === 'subscribe') {
      subscribed = connection;
    } else if (packet.cmd !== 'connect') {
      answers.push(packet.cmd);
    }
  });
  t.after(() => broker.stop());
  const connection = await connectFeed(
    { url: broker.url, topic, isPattern: false },
    feedOptions.mqtt.parse({}),
    { message: (from) => received.push(from), pinged: () => {} },
    AbortSignal.timeout(30_000),
  );
  for (const packet of packets) {
    subscribed?.send(packet);
  }
  return { reason: await connection.ended, received, answers };
}

describe('the broker of a sensor', { timeout: 60_000 }, () => {
  const message = { payload: '1,2,3\n', dup: false, retain: false } as const;
  for (const [what, unasked] of [
    ['a message at QoS 2', { cmd: 'publish', topic, qos: 2, messageId: 7, ...message }],
    ['a message on another topic', { cmd: 'publish', topic: 'other', qos: 0, ...message }],
    ['a release of what was never sent', { cmd: 'pubrel', messageId: 7 }],
    ['a second answer to the subscription', { cmd: 'suback', messageId: 7, granted: [1] }],
  ] as const satisfies readonly (readonly [string, Packet])[]) {
    test(`sends ${what}, for which nobody asked: the connection ends, and nothing is kept or answered`, async (t) => {
      const asked: Packet = { cmd: 'publish', topic, qos: 0, ...message };
      const { reason, received, answers } = await feedOf(t, [asked, unasked]);
      assert.match(reason, new RegExp(`sent a ${unasked.cmd} packet, for which nobody had asked`));
      assert.deepEqual(received, [topic]);
      assert.deepEqual(
        answers.filter((cmd) => cmd !== 'disconnect'),
        [],
      );
    });
  }
});
