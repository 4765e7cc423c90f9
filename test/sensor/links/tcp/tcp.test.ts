import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import type { Link } from '#src/sensor/links/link.js';
import { createLink } from '#src/sensor/links/registry.js';
import { tcpAddress } from '#src/sensor/links/tcp/address.js';
import { RecordedLinkSink } from '../../../support/recorded-link-sink.js';

/** A server on a port of this machine; `connected` gives the next connection. */
class TestServer {
  readonly server: Server;
  readonly #waiting: ((socket: Socket) => void)[] = [];

  constructor(t: TestContext) {
    this.server = createServer((socket) => {
      socket.on('error', () => undefined);
      t.after(() => socket.destroy());
      this.#waiting.shift()?.(socket);
    });
    t.after(() => this.server.close());
  }

  async listen(port = 0): Promise<number> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  connected(): Promise<Socket> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function start(t: TestContext, address: string): { link: Link; sink: RecordedLinkSink } {
  // The options of other links stand in the same section.
  const section = { link: address, rateHz: 100, baudRate: 230_400, parity: 'even' };
  const link = createLink(section);
  const sink = new RecordedLinkSink();
  t.after(() => link.stop());
  link.start(sink);
  return { link, sink };
}

describe('a link over TCP', { timeout: 300_000 }, () => {
  test('reads what a server sends, and connects again when it went away', async (t) => {
    const server = new TestServer(t);
    const first = server.connected();
    const port = await server.listen();
    const { link, sink } = start(t, `tcp://127.0.0.1:${port}`);
    const socket = await first;
    socket.write(Buffer.of(0, 255, 10));
    await sink.until(() => sink.text === '\0\xff\n');
    const second = server.connected();
    socket.destroy();
    await sink.until(() => sink.count('closed hungUp') === 1);
    (await second).write('again');
    await sink.until(() => sink.text === '\0\xff\nagain');
    assert.equal(sink.count('opened'), 2);
    assert.equal(link.counters['hangUps'], 1);
    link.write(Buffer.from('ask'));
    const asked: unknown[] = await once(await second, 'data');
    assert.equal(String(asked[0]), 'ask');
  });

  test('waits for a server that is not there, and says so once', async (t) => {
    const server = new TestServer(t);
    const port = await server.listen();
    server.server.close();
    const { link, sink } = start(t, `tcp://127.0.0.1:${port}`);
    await sink.until(() => sink.count('unavailable') === 1);
    assert.match(sink.events[0] ?? '', /ECONNREFUSED/);
    while ((link.counters['openErrors'] ?? 0) < 2) {
      await new Promise(setImmediate);
    }
    const again = new TestServer(t);
    const connected = again.connected();
    await again.listen(port);
    (await connected).write('1\n');
    await sink.until(() => sink.text === '1\n');
    assert.equal(sink.count('unavailable'), 1);
  });

  test('has an address of host and port', () => {
    assert.deepEqual(tcpAddress('tcp://[::1]:4001'), { host: '::1', port: 4001 });
    assert.deepEqual(tcpAddress('rfc2217://box.local:1/'), { host: 'box.local', port: 1 });
    for (const address of [
      'tcp://box',
      'tcp://:4',
      'tcp://a:0',
      'tcp://a:65536',
      'tcp://u@a:1',
      'tcp://a:1/x',
    ]) {
      // oxfmt-ignore
      assert.equal(tcpAddress(address), undefined, address);
    }
  });
});

/** Holds what telnet sends to take on options: DO COM-PORT, and WILL ECHO, which nobody asked for. */
const taken = Buffer.of(255, 253, 44, 255, 251, 1);

/** Answers each command of RFC 2217 with the value that it came with, or another. */
function obey(socket: Socket, valueOf: (command: number, value: Buffer) => Buffer): Buffer[] {
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    for (let at = chunk.indexOf(Buffer.of(255, 250, 44)); at >= 0;) {
      const end = chunk.indexOf(Buffer.of(255, 240), at);
      const command = chunk[at + 3] ?? 0;
      const value = valueOf(command, chunk.subarray(at + 4, end));
      socket.write(
        Buffer.concat([Buffer.of(255, 250, 44, command + 100), value, Buffer.of(255, 240)]),
      );
      at = chunk.indexOf(Buffer.of(255, 250, 44), end);
    }
  });
  return received;
}

describe('a link by RFC 2217', { timeout: 300_000 }, () => {
  test('sets the line, answers the server, and takes its commands out of the bytes', async (t) => {
    const server = new TestServer(t);
    const connected = server.connected();
    const { link, sink } = start(t, `rfc2217://127.0.0.1:${await server.listen()}`);
    const socket = await connected;
    const received = obey(socket, (_, value) => value);
    socket.write(taken);
    await sink.until(() => sink.count('opened') === 1);
    // It is a connection over TCP, which waits where nobody reads.
    assert.ok((link.pauseMs ?? 0) > 0);
    const sent = Buffer.concat(received).toString('hex');
    // WILL COM-PORT; baud 230400, 8 bits, even parity, 1 stop bit; DONT ECHO.
    for (const wanted of [
      'fffb2c',
      'fffa2c0100038400fff0',
      'fffa2c0208fff0',
      'fffa2c0303fff0',
      'fffa2c0401fff0',
      'fffe01',
    ]) {
      // oxfmt-ignore
      assert.ok(sent.includes(wanted), `${wanted} in ${sent}`);
    }
    // 255 is sent twice, cut anywhere, and a report of the line's state is no data.
    for (const byte of [1, 255, 255, 2, 255, 250, 44, 107, 0, 255, 240, 3, 255, 241, 4]) {
      socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    await sink.until(() => sink.text.length === 5);
    assert.equal(sink.text, '\x01\xff\x02\x03\x04');
    received.length = 0;
    link.write(Buffer.of(7, 255));
    await once(socket, 'data');
    assert.deepEqual(Buffer.concat(received), Buffer.of(7, 255, 255));
  });

  test('refuses a server that sets another speed, or none', async (t) => {
    const server = new TestServer(t);
    const connected = server.connected();
    const { sink } = start(t, `rfc2217://127.0.0.1:${await server.listen()}`);
    const socket = await connected;
    obey(socket, (command, value) => (command === 1 ? Buffer.of(0, 0, 37, 128) : value));
    const second = server.connected();
    socket.write(taken);
    await sink.until(() => sink.count('unavailable') === 1);
    assert.match(sink.events[0] ?? '', /does not set a baud rate of 230400: it has 0 0 37 128/);
    (await second).write(Buffer.of(255, 254, 44));
    await sink.until(() => sink.count('unavailable') === 2);
    assert.match(sink.events[1] ?? '', /does not take RFC 2217.*tcp:\/\//);
    assert.equal(sink.count('opened'), 0);
  });
});
