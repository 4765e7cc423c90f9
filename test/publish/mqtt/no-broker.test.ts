import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { Aedes } from 'aedes';
import { usePublisher } from './connected-publisher.js';

/** Answers each PUBLISH in a chunk with 0x99, payload format invalid, and a DISCONNECT by hanging up. */
function refuseAll(socket: Socket, chunk: Buffer): void {
  for (let at = 0; at < chunk.length;) {
    const type = (chunk[at] ?? 0) >> 4;
    // Remaining length (MQTT 5, 1.5.5); the test's packets are shorter than 16 KiB.
    const low = chunk[at + 1] ?? 0;
    const long = low >= 128;
    const body = at + (long ? 3 : 2);
    if (type === 14) {
      socket.end();
    }
    if (type === 3) {
      const id = body + 2 + chunk.readUInt16BE(body);
      socket.write(Buffer.of(0x40, 4, chunk[id] ?? 0, chunk[id + 1] ?? 0, 0x99, 0));
    }
    at = body + (long ? (low & 127) + 128 * (chunk[at + 2] ?? 0) : low);
  }
}

describe('mqtt publisher', { timeout: 300_000 }, () => {
  const use = usePublisher();
  const { connect, logged, offer } = use;

  describe('with brokers that are none', () => {
    let server: Server;

    async function serve(greet: (socket: Socket) => void): Promise<string> {
      server = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.once('data', () => greet(socket));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      return typeof address === 'object' ? `mqtt://127.0.0.1:${address?.port ?? 0}` : '';
    }

    afterEach(() => {
      server.close();
    });

    async function failsTwice(
      greet: (socket: Socket) => void,
      reason: RegExp,
      connectTimeoutMs = 60_000,
    ): Promise<void> {
      const url = await serve(greet);
      connect(url, { connectTimeoutMs });
      while ((use.publisher?.stats.failedAttempts ?? 0) < 2) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.match(JSON.stringify(use.log.lines), reason);
      assert.equal(use.publisher?.stats.connects, 0);
      await use.publisher?.stop({ deadlineMs: 1000 });
    }

    test('survives one that hangs up', () =>
      failsTwice((socket) => socket.end(), /the broker closed it/));

    test('survives one that says nothing', () => failsTwice(() => {}, /connack timeout/, 50));

    test('survives one that talks nonsense', () =>
      failsTwice((socket) => socket.write(Buffer.alloc(64, 0xff)), /127\.0\.0\.1:\d+: /));

    test('survives one that sends a packet without end', () =>
      failsTwice((socket) => {
        socket.write(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f));
        const pour = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) {}
          socket.once('drain', pour);
        };
        pour();
      }, /larger than any answer/));

    test('says why the broker ended the connection, where it gives a reason', async () => {
      const url = await serve((socket) =>
        socket.end(Buffer.of(0x20, 3, 0, 0, 0, 0xe0, 2, 0x8e, 0)),
      );
      connect(url);
      await logged('another client uses the id');
      assert.match(
        JSON.stringify(use.log.lines),
        /connection lost: the broker ended it: Session taken over"/,
      );
    });

    test('comes and goes: no line speaks of another client', async () => {
      const greeted = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.once('data', () => {
          socket.end(Buffer.of(0x20, 3, 0, 0, 0));
          greeted.close();
        });
      });
      server = greeted;
      // An address of its own, whose port nobody takes while the broker is away.
      const host = '127.83.7.1';
      await once(greeted.listen(0, host), 'listening');
      const address = greeted.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      connect(`mqtt://${host}:${port}`);
      for (let lives = 1; lives <= 4; lives += 1) {
        await once(greeted, 'close');
        const failed = use.publisher?.stats.failedAttempts ?? 0;
        while ((use.publisher?.stats.failedAttempts ?? 0) < failed + 2) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        greeted.listen(port, host);
      }
      await once(greeted, 'close');
      assert.doesNotMatch(JSON.stringify(use.log.lines), /another client/);
    });

    // Mosquitto 2.0.11 says no as it should and then hangs up, often before its no has arrived.
    test('says of connections that break again and again only how many they were', async () => {
      const url = await serve((socket) => socket.end(Buffer.of(0x20, 3, 0, 0, 0)));
      connect(url);
      while ((use.publisher?.stats.connects ?? 0) < 30) {
        await once(server, 'connection');
      }
      const lost = use.log.at('warn').filter((message) => message.startsWith('no connection'));
      assert.deepEqual([use.log.at('info').length, lost.length], [6, 6]);
      await use.publisher?.stop({ deadlineMs: 100 });
      const said = use.log.lines.reduce((sum, { fields }) => sum + Number(fields['times'] ?? 1), 0);
      assert.ok(said >= 2 * 30 - 2, `${said} were told of`);
    });

    test('counts what the broker refuses, and says so once', async () => {
      const url = await serve((socket) => {
        socket.write(Buffer.of(0x20, 3, 0, 0, 0));
        socket.on('data', (chunk) => refuseAll(socket, chunk));
      });
      connect(url);
      await logged('connected');
      offer('{"seq":1}');
      offer('{"seq":2}');
      await logged('refuses');
      await use.publisher?.stop({ deadlineMs: 5000 });
      assert.deepEqual([use.outbox.stats.dropped.refused, use.outbox.stats.pending], [2, 0]);
      assert.deepEqual(
        use.log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['reason']),
        ['Publish error: Payload format invalid', 'Publish error: Payload format invalid'],
      );
    });

    test('falls back to 3.1.1 at once where there is no MQTT 5', async () => {
      const aedes = await Aedes.createBroker();
      const old = createServer((socket) => aedes.handle(socket)).listen(0, '127.0.0.1');
      server = old;
      await once(old, 'listening');
      const address = old.address();
      const url = `mqtt://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
      connect(url, { backoff: { minMs: 1e9, maxMs: 1e9 } });
      offer('{"seq":1}');
      await logged('connected');
      await use.publisher?.stop({ deadlineMs: 5000 });
      assert.equal(use.outbox.pending, 0);
      assert.equal(use.publisher?.stats.protocol, '3.1.1');
      assert.equal(use.outbox.stats.delivered, 1);
      assert.deepEqual(use.log.at('warn'), []);
      await new Promise<void>((resolve) => aedes.close(resolve));
    });
  });
});
