import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { parseBrokerUrl } from '#src/mqtt-client/broker-address.js';
import { openBrokerSocket, secureContext } from '#src/mqtt-client/broker-socket.js';

test('a broker without TLS that hangs up at a handshake is said to be one', async (t) => {
  for (const end of ['resetAndDestroy', 'destroy'] as const) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket[end]());
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const broker = parseBrokerUrl(`mqtts://127.0.0.1:${address.port}`);
    await assert.rejects(
      openBrokerSocket(broker, await secureContext({}), new AbortController().signal),
      {
        code: 'publish.unavailable',
        message: /hung up during the TLS handshake .* must begin with mqtt:\/\//,
      },
    );
  }
});

test('a connection with one buffer reads nothing before it is asked to, and each piece into that buffer', async (t) => {
  const server = createServer((socket) => void socket.write('early')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { signal } = new AbortController();
  const broker = parseBrokerUrl(`mqtt://127.0.0.1:${address.port}`);
  const socket = await openBrokerSocket(broker, undefined, signal, { isBufferReused: true });
  t.after(() => socket.destroy());
  const [other] = await accepted;
  await turn();
  await turn();
  const first = once(socket, 'data') as Promise<[Buffer]>;
  socket.resume();
  const [early] = await first;
  assert.equal(early.toString(), 'early');
  const second = once(socket, 'data') as Promise<[Buffer]>;
  other.write('later');
  const [later] = await second;
  assert.equal(later.toString(), 'later');
  assert.equal(early.toString(), 'later');
  other.end();
  await once(socket, 'close');
});
