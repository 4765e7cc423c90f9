import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Aedes } from 'aedes';
import { LstmdSubscription } from '#src/client/index.js';

test('a subscriber finds the broker of a list that is there, and speaks 3.1.1 where it has no 5', async (t) => {
  const aedes = await Aedes.createBroker();
  const server = createServer((socket) => aedes.handle(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    aedes.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const there = `mqtt://127.0.0.1:${port}`;
  const subscription = await LstmdSubscription.open(['mqtt://127.0.0.1:1', there]);
  t.after(() => subscription.close());
  const payload = '{"state":"online","ts":1}';
  aedes.publish(
    {
      cmd: 'publish',
      topic: 'lstmd/box/status',
      payload,
      qos: 1,
      retain: false,
      dup: false,
    },
    () => {},
  );
  for await (const message of subscription) {
    assert.deepEqual(message, {
      kind: 'status',
      device: 'box',
      status: { state: 'online', ts: 1 },
    });
    break;
  }
  await assert.rejects(LstmdSubscription.open(there, { protocol: '5' }), {
    code: 'publish.unavailable',
    message: new RegExp(`^mqtt://127.0.0.1:${port}: .*version`, 'i'),
  });
  await assert.rejects(LstmdSubscription.open([there, 'ws://127.0.0.1/mqtt']), {
    code: 'config.invalid',
  });
  await assert.rejects(LstmdSubscription.open('http://broker'), {
    code: 'config.invalid',
    message: /^url: must be mqtt:/,
  });
});
