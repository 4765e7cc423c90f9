import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
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
