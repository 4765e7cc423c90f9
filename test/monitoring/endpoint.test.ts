import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Access } from '#src/monitoring/http/access.js';
import { Endpoint } from '#src/monitoring/http/endpoint.js';
import { healthRoute } from '#src/monitoring/http/health-routes.js';
import { Broker, freePort, needsBroker, type Subscriber } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { ask } from '../support/http.js';
import { RecordedLog } from '../support/recorded-log.js';
import { TestPty } from '../support/pty.js';
import { needsProgram } from '../support/requirement.js';

const token = 'hush-7f3a';

interface Watched {
  readonly daemon: Daemon;
  readonly broker: Broker;
  readonly subscriber: Subscriber;
  readonly pty: TestPty;
  readonly folder: string;
  readonly url: string;
}

/** A daemon of one stream, with a `monitoring` section. */
async function watched(t: TestContext, monitoring: (folder: string) => string): Promise<Watched> {
  let running: Daemon | undefined;
  // It comes first, for a folder into which something is written cannot be removed.
  t.after(() => running?.end('SIGKILL'));
  const folder = testFolder(t);
  const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/wearer/prediction');
  const pty = new TestPty(t);
  pty.port.plug();
  const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path });
  const port = await freePort();
  writeFileSync(join(folder, 'token'), `${token}\n`);
  appendFileSync(config, `monitoring: { listen: "127.0.0.1:${port}", ${monitoring(folder)} }\n`);
  const daemon = new Daemon(t, config);
  running = daemon;
  await daemon.logged(/^reading /);
  return { daemon, broker, subscriber, pty, folder, url: `http://127.0.0.1:${port}` };
}

/** Sends rows, and returns when the subscriber has a prediction for each. */
async function send({ pty, subscriber }: Watched, count: number): Promise<void> {
  pty.sendBanner();
  await pty.send(Array.from({ length: count }, (_, n) => `${n},${2 * n},1000`));
  await subscriber.until((received) => received.length >= count);
}

/** The value of a metric in the text format, by its name with its labels. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** Asks until the answer is as it should be: what a subscriber has, the daemon hears of a moment later. */
async function metricsWith(
  url: string,
  headers: Record<string, string>,
  done: (text: string) => boolean,
): Promise<string> {
  for (;;) {
    const { status, body } = await ask(`${url}/metrics`, headers);
    assert.equal(status, 200, body);
    if (done(body)) {
      return body;
    }
    await sleep(20);
  }
}

describe('the endpoint of a daemon', { skip: needsBroker() }, () => {
  test('counts the way of each sample, for whoever has the token', async (t) => {
    const all = await watched(
      t,
      (folder) =>
        `tokenFile: ${folder}/token, textfile: ${folder}/lstmd.prom, textfileSeconds: 0.2`,
    );
    const { daemon, broker, url, folder } = all;
    const bearer = { authorization: `Bearer ${token}` };
    const early = await ask(`${url}/readyz`, bearer);
    assert.equal(early.status, 503);
    assert.match(early.body, /"failing":\[.*"wearer: sensor"/);

    await send(all, 40);
    const delivered = (text: string): boolean =>
      valueOf(text, 'lstmd_records_delivered_total') === 40;
    const text = await metricsWith(url, bearer, delivered);
    const expected: [string, number][] = [
      ['lstmd_sensor_connected{stream="wearer"}', 1],
      ['lstmd_sensor_rows_total{stream="wearer"}', 40],
      ['lstmd_sensor_unread_total{stream="wearer",reason="partial"}', 1],
      ['lstmd_samples_total{stream="wearer"}', 40],
      ['lstmd_steps_total{stream="wearer"}', 40],
      ['lstmd_outputs_total{stream="wearer"}', 40],
      ['lstmd_published_total{stream="wearer",kind="prediction"}', 40],
      ['lstmd_records_produced_total', 40],
      ['lstmd_records_dropped_total{reason="overflow"}', 0],
      ['lstmd_outbox_records', 0],
      ['lstmd_broker_connected', 1],
      ['lstmd_delivery_seconds_count', 40],
      ['lstmd_sensor_rate_expected_hertz{stream="wearer"}', 26],
      ['lstmd_checkpoint_failing{stream="wearer"}', 0],
    ];
    assert.deepEqual(
      expected.map(([series]) => [series, valueOf(text, series)]),
      expected,
    );
    const age =
      Date.now() / 1000 -
      (valueOf(text, 'lstmd_last_sample_timestamp_seconds{stream="wearer"}') ?? 0);
    assert.ok(age >= 0 && age < 600, `${age}`);
    assert.match(
      text,
      /^lstmd_stream_info\{stream="wearer",.*mode="continuous",engine="native",.*tasks="classify"\} 1$/m,
    );

    const ready = await ask(`${url}/readyz`, bearer);
    assert.deepEqual([ready.status, ready.body.includes('"failing":[]')], [200, true], ready.body);
    const health = await ask(`${url}/healthz`);
    assert.equal(health.status, 200);
    assert.match(health.body, /^\{"status":"ok","uptimeSeconds":\d+,"streams":1\}\n$/);

    for (const headers of [
      {},
      { authorization: 'Bearer hush' },
      { cookie: `lstmd_access=${token}` },
    ]) {
      assert.equal((await ask(`${url}/metrics`, headers)).status, 401);
    }
    assert.equal((await ask(`${url}/readyz`)).status, 401);
    writeFileSync(join(folder, 'token'), 'renewed');
    assert.equal((await ask(`${url}/metrics`, bearer)).status, 401, 'a token that was renewed');
    assert.equal((await ask(`${url}/metrics`, { authorization: 'Bearer renewed' })).status, 200);

    const textfile = join(folder, 'lstmd.prom');
    while (!existsSync(textfile) || !delivered(readFileSync(textfile, 'utf8'))) {
      await sleep(20);
    }
    assert.equal(statSync(textfile).mode & 0o777, 0o644);

    await broker.stop();
    const away = (body: string): boolean => valueOf(body, 'lstmd_broker_connected') === 0;
    await metricsWith(url, { authorization: 'Bearer renewed' }, away);
    assert.equal((await ask(`${url}/healthz`)).status, 200, 'a broker that is away is waited for');
    assert.equal(await daemon.end(), 0, daemon.text);
    assert.equal(existsSync(textfile), false, 'numbers of a daemon that has stopped');
    assert.doesNotMatch(daemon.text, new RegExp(`${token}|renewed`));
  });
});

/** A server of one route within this process. */
async function served(t: TestContext, port: number): Promise<string> {
  const endpoint = new Endpoint({
    address: { host: '127.0.0.1', port, isLoopback: true },
    orAnyPort: true,
    hosts: ['press.example'],
    access: new Access(undefined),
    routes: new Map([['/healthz', healthRoute(() => undefined)]]),
    log: new RecordedLog(),
  });
  t.after(() => endpoint.stop());
  endpoint.start();
  while (endpoint.url === undefined) {
    await setImmediate();
  }
  return endpoint.url;
}

test('no page of others is answered, and no other name than its own', async (t) => {
  const url = await served(t, 0);
  const status = async (headers: Record<string, string>, path = '/healthz'): Promise<number> =>
    (await ask(`${url}${path}`, headers)).status;
  const { host } = new URL(url);
  assert.deepEqual(
    [
      await status({}),
      await status({ host: 'localhost' }),
      await status({ host: 'press.example:9464' }),
      await status({ host: '[::1]:9464' }),
      await status({ origin: url }),
    ],
    [200, 200, 200, 200, 200],
  );
  assert.deepEqual(
    [
      await status({ host: 'evil.example' }),
      await status({ host: 'localhost.evil.example' }),
      await status({ host: 'evil.example@127.0.0.1' }),
      await status({ origin: 'http://evil.example' }),
      await status({ origin: 'null' }),
      await status({ origin: `http://evil.example/${host}` }),
      await status({ 'sec-fetch-site': 'cross-site' }),
      await status({}, '/etc/passwd'),
    ],
    [421, 421, 421, 403, 403, 403, 403, 404],
  );
  assert.equal((await ask(`${url}/healthz`, {}, { method: 'DELETE' })).status, 405);
  const { headers } = await ask(`${url}/healthz`);
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  assert.equal(headers['cache-control'], 'no-store');
});

test('whoever asks is answered, however many hold connections open and ask nothing', async (t) => {
  const url = await served(t, 0);
  const { port, host } = new URL(url);
  const held: Socket[] = [];
  t.after(() => {
    for (const socket of held) {
      socket.destroy();
    }
  });
  // Some say nothing, some half of a header, and some promise a body that does not come.
  const says = [
    '',
    `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n`,
    `POST /session HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 9\r\n\r\nhalf`,
  ];
  for (let n = 0; n < 300; n += 1) {
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    socket.on('error', () => {});
    held.push(socket);
    await once(socket, 'connect');
    socket.write(says[n % says.length] ?? '');
    if (n % 60 === 59) {
      assert.equal((await ask(`${url}/healthz`)).status, 200);
    }
  }
  const [oldest] = held;
  if (oldest?.closed === false) {
    await once(oldest, 'close');
  }
});

test('whoever asks is answered, however many were who sent a body that nobody reads', async (t) => {
  const url = await served(t, 0);
  const headers = { 'content-length': '4' };
  for (let n = 0; n < 80; n += 1) {
    const { status } = await ask(`${url}/healthz`, headers, { body: 'body' });
    assert.equal(status, 200);
  }
});

test('a port that is taken is another one in the demo', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const address = taken.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = await served(t, address.port);
  assert.notEqual(new URL(url).port, String(address.port));
  assert.equal((await ask(`${url}/healthz`)).status, 200);
});

test(
  'the metrics are as promtool wants them',
  { skip: needsProgram('promtool', 'prometheus') },
  async () => {
    const { Metrics } = await import('#src/monitoring/metrics/metrics.js');
    const { observedStream } = await import('#src/monitoring/metrics/observed-stream.js');
    const metrics = new Metrics();
    observedStream(metrics, 'a "quoted"\nname').gap({ lengthMs: 100, reason: 'late', filled: 0 });
    const input = await metrics.text();
    assert.match(
      input,
      /lstmd_gap_seconds_count\{stream="a \\"quoted\\"\\nname",reason="late"\} 1/,
    );
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, '']);
  },
);
