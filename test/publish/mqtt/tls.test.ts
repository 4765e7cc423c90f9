import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTcp, createServer as createPlainServer } from 'node:net';
import { createServer } from 'node:tls';
import { after, afterEach, before, describe, test } from 'node:test';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { TlsMaterial } from '#src/mqtt-client/broker-socket.js';
import { MqttPublisher } from '#src/publish/mqtt/mqtt-publisher.js';
import { probeBroker } from '#src/publish/mqtt/probe-broker.js';
import { Topics } from '#src/publish/mqtt/topics.js';
import { Outbox } from '#src/publish/outbox/outbox.js';
import { Broker, needsBroker } from '../../support/broker.js';
import { Certificates, needsOpenssl } from '../../support/certificates.js';
import { RecordedLog } from '../../support/recorded-log.js';

const skip = needsBroker() || needsOpenssl();

describe('mqtt publisher over TLS', { skip, timeout: 300_000 }, () => {
  let directory: string;
  let broker: Broker | undefined;
  let publisher: MqttPublisher | undefined;

  const path = (name: string): string => join(directory, name);
  const pem = (name: string): string => readFileSync(path(name), 'utf8');

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lstmd-tls-'));
    const certificates = new Certificates(directory);
    certificates.makeAuthority('ours');
    certificates.makeAuthority('theirs');
    certificates.sign('good', 'ours', 'IP:127.0.0.1,DNS:localhost');
    certificates.sign('elsewhere', 'ours', 'DNS:broker.example');
    certificates.sign('lasting', 'ours', 'IP:127.0.0.1', 30);
    certificates.sign('expired', 'ours', 'IP:127.0.0.1', -1);
    certificates.sign('edge', 'ours', 'DNS:edge');
    certificates.sign('stranger', 'theirs', 'DNS:edge');
  });

  after(() => rm(directory, { recursive: true }));

  afterEach(async () => {
    await publisher?.stop({ deadlineMs: 1000 });
    await broker?.remove();
    broker = undefined;
  });

  /** Connects to a broker with this certificate; gives `connected`, or the reason why it is not. */
  async function outcome(
    certificateName: string,
    tls: TlsMaterial,
    { host = '127.0.0.1', config = '', scheme = 'mqtts' } = {},
  ): Promise<string> {
    broker = await Broker.start({
      config: `allow_anonymous true\ncafile ${path('ours.crt')}\ncertfile ${path(`${certificateName}.crt`)}\nkeyfile ${path(`${certificateName}.key`)}\n${config}`,
    });
    return attempt(`${scheme}://${host}:${broker.port}`, tls);
  }

  function attempt(url: string, tls: TlsMaterial): Promise<string> {
    const log = new RecordedLog();
    const outbox = new Outbox({ maxBytes: 1e6, maxAgeMs: 1e6 });
    publisher = new MqttPublisher({
      url,
      clientId: 'edge',
      username: 'edge',
      secrets: () => Promise.resolve({ password: 'secret', ...tls }),
      protocol: '5',
      keepaliveSeconds: 30,
      topics: new Topics('lstmd', 'edge'),
      records: outbox,
      log,
    });
    return new Promise((resolve) => {
      log.heard = ({ level, fields }) =>
        resolve(level === 'info' ? 'connected' : String(fields['reason']));
      publisher?.start();
    });
  }

  test('connects over a WebSocket with TLS, and to no stranger', async (t) => {
    broker = await Broker.start();
    const { port } = broker;
    // Mosquitto's own does not outlive the bytes by which it is asked whether it is up.
    const server = createHttpsServer({ cert: pem('good.crt'), key: pem('good.key') });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (webSocket) => {
      const stream = createWebSocketStream(webSocket);
      const behind = connectTcp(port, '127.0.0.1');
      stream.on('error', () => behind.destroy());
      behind.on('error', () => stream.destroy());
      stream.pipe(behind).pipe(stream);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => {
      for (const webSocket of sockets.clients) {
        webSocket.terminate();
      }
      server.close();
    });
    const address = server.address();
    const url = `wss://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/mqtt`;
    assert.equal(await attempt(url, { ca: pem('ours.crt') }), 'connected');
    await publisher?.stop({ deadlineMs: 1000 });
    assert.match(await attempt(url, { ca: pem('theirs.crt') }), /is not mqtt\.ca/);
  });

  test('connects to a broker that its authority signed for that address or name', async () => {
    assert.equal(await outcome('good', { ca: pem('ours.crt') }), 'connected');
    await publisher?.stop({ deadlineMs: 1000 });
    await broker?.remove();
    assert.equal(
      await outcome('good', { ca: pem('ours.crt') }, { host: 'localhost' }),
      'connected',
    );
  });

  test('refuses one that another authority signed', async () => {
    assert.match(
      await outcome('good', { ca: pem('theirs.crt') }),
      /an authority that is not mqtt\.ca/,
    );
  });

  test('refuses one that only the given authority would vouch for, when none is given', async () => {
    assert.match(await outcome('good', {}), /set mqtt\.ca/);
  });

  test('says what to do where a URL without TLS leads to a port with it', async () => {
    const reason = await outcome('good', {}, { scheme: 'mqtt' });
    assert.match(reason, /must begin with mqtts:/);
  });

  test('refuses one whose certificate is for another host', async () => {
    assert.match(
      await outcome('elsewhere', { ca: pem('ours.crt') }, { host: 'localhost' }),
      /is for another host .*broker\.example/,
    );
  });

  test('refuses one whose certificate has expired', async () => {
    assert.match(await outcome('expired', { ca: pem('ours.crt') }), /certificate has expired/);
  });

  test('a probe says how long the certificates of both sides are good, and what to renew', async () => {
    const tls = { ca: pem('ours.crt'), cert: pem('edge.crt'), key: pem('edge.key') };
    assert.equal(await outcome('lasting', tls), 'connected');
    const { detail, fix } = await probeBroker({
      url: `mqtts://127.0.0.1:${broker?.port}`,
      protocol: '5',
      secrets: () => Promise.resolve(tls),
    });
    assert.match(
      detail,
      /lets us in; its certificate is good for (29|30) days, until 2\d\d\d-\d\d-\d\d; our certificate is good for [12] days/,
    );
    assert.equal(fix, 'renew the files of mqtt.cert and mqtt.key');
  });

  test('shows its own certificate where the broker asks for one', async () => {
    const config = 'require_certificate true';
    const own = { ca: pem('ours.crt'), cert: pem('edge.crt'), key: pem('edge.key') };
    assert.equal(await outcome('good', own, { config }), 'connected');
    await publisher?.stop({ deadlineMs: 1000 });
    await broker?.remove();
    assert.match(
      await outcome('good', { ca: pem('ours.crt') }, { config }),
      /asks for a client certificate: set mqtt\.cert and mqtt\.key \[.*CERTIFICATE_REQUIRED\]/,
    );
  });

  for (const [what, name, words] of [
    ['of an authority that it does not know', 'stranger', /does not know the authority/],
    ['that has expired', 'expired', /mqtt\.cert has expired, by the broker's clock/],
  ] as const) {
    test(`says so where the broker refuses a certificate ${what}`, async () => {
      const own = { ca: pem('ours.crt'), cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
      assert.match(await outcome('good', own, { config: 'require_certificate true' }), words);
    });
  }

  test('says so where the broker refuses its certificate and does not tell why', async (t) => {
    // A fatal alert, certificate_unknown, in answer to the first bytes.
    const alert = Buffer.from('1503030002022e', 'hex');
    const server = createPlainServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.end(alert));
    });
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const own = { ca: pem('ours.crt'), cert: pem('edge.crt'), key: pem('edge.key') };
    assert.match(
      await attempt(`mqtts://127.0.0.1:${port}`, own),
      /does not take the certificate of mqtt\.cert.*\[.*CERTIFICATE_UNKNOWN\]/,
    );
  });

  test('refuses a key that is not of its certificate', async () => {
    const tls = { cert: pem('edge.crt'), key: pem('good.key') };
    assert.match(await attempt('mqtts://127.0.0.1:1', tls), /^mqtt\.ca, cert, key: .*mismatch/);
  });

  test('names a broker that speaks no TLS, and does not fall back to plain text', async () => {
    broker = await Broker.start();
    const reason = await attempt(`mqtts://127.0.0.1:${broker.port}`, { ca: pem('ours.crt') });
    assert.doesNotMatch(reason, /connected$/);
  });

  test('gives a broker that it does not trust not one byte', async () => {
    const received: Buffer[] = [];
    const server = createServer({ cert: pem('good.crt'), key: pem('good.key') }, (socket) => {
      socket.on('data', (chunk: Buffer) => received.push(chunk));
      socket.on('error', () => socket.destroy());
    });
    const ended = once(server, 'connection').then(([socket]) =>
      once(socket as NodeJS.EventEmitter, 'close'),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    assert.match(
      await attempt(`mqtts://127.0.0.1:${port}`, { ca: pem('theirs.crt') }),
      /not mqtt\.ca/,
    );
    await ended;
    await publisher?.stop({ deadlineMs: 1000 });
    server.close();
    assert.deepEqual(received, []);
  });
});
