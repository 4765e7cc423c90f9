import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { readTaskCase, tasksFolder } from '../golden/task-case.js';
import { runCommand } from '../support/command.js';
import { DescribedDevice } from '../support/described.js';
import { Broker, needsBroker, type Received } from '../support/broker.js';
import { Daemon, testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';
import { Telegraf, type Point } from '../support/telegraf.js';

const tasks = ['autoencoder', 'forecaster', 'regressor'] as const;

const source = z.object({ type: z.string(), uid: z.string() });

const dashboard = z
  .object({
    panels: z.array(
      z.object({ datasource: source, targets: z.array(z.object({ query: z.string() })) }),
    ),
    templating: z.object({ list: z.array(z.object({ datasource: source, query: z.string() })) }),
  })
  .parse(JSON.parse(readFileSync(projectFile('deploy/grafana/dashboards/lstmd.json'), 'utf8')));

const telegraf = new Telegraf(projectFile('deploy/telegraf/lstmd.conf'));

/** The names in a query: of its measurement, and of the fields and tags that it asks for. */
function askedBy(query: string) {
  const measurement = /FROM "(\w+)"/.exec(query)?.[1] ?? assert.fail(query);
  const field = /^SELECT \w+\((?:"(\w+)"|\/(\S+)\/)\)/.exec(query);
  const pattern = field?.[2] ?? (field?.[1] === undefined ? undefined : `^${field[1]}$`);
  const tags = [...query.matchAll(/"(\w+)"(?=[ ,]|$)/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== measurement);
  return { measurement, pattern, tags };
}

test('Grafana is given the data source that the dashboard asks', () => {
  const file = projectFile('deploy/grafana/provisioning/datasources/lstmd.yaml');
  const { datasources } = z
    .object({ datasources: z.tuple([z.object({ uid: z.string(), type: z.string() })]) })
    .parse(parse(readFileSync(file, 'utf8')));
  const [{ uid, type }] = datasources;
  const asked = [...dashboard.panels, ...dashboard.templating.list].map(
    (shown) => shown.datasource,
  );
  assert.deepEqual(
    new Set(asked.map((each) => JSON.stringify(each))),
    new Set([JSON.stringify({ type, uid })]),
  );
});

/** One stream of each task, and everything that a device publishes of them. */
describe('what is published is at home downstream', { skip: needsBroker() }, () => {
  test('in Telegraf, in the dashboard of Grafana, and as lstmd describe says', async (t) => {
    const folder = testFolder(t);
    const { broker, subscriber } = await Broker.withSubscriber(t);
    const models = {
      wearer: {
        file: projectFile('examples/running/running.keras'),
        mode: 'continuous',
        labels: ['running'],
      },
      ...Object.fromEntries(
        tasks.map((name) => [
          name,
          { file: join(tasksFolder, name, 'model.keras'), mode: 'sliding' },
        ]),
      ),
    };
    const names = Object.keys(models);
    const ptys = names.map(() => new TestPty(t));
    const events = [{ label: 'running', on: 0.9, off: 0.5 }];
    const streams = Object.entries(models).map(([name, model], i) => [
      name,
      {
        sensor: { link: ptys[i]?.path, rateHz: 26 },
        model,
        ...(name === 'wearer' && { publish: { events } }),
      },
    ]);
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      JSON.stringify({
        device: 'box',
        stateDirectory: join(folder, 'state'),
        mqtt: { url: broker.url, homeAssistant: {} },
        streams: Object.fromEntries(streams) as unknown,
      }),
    );
    for (const { port } of ptys) {
      port.plug();
    }
    const daemon = new Daemon(t, config);
    await daemon.logged(/^running/);
    const rows = readTaskCase('autoencoder').input.map((row) => row.join(','));
    for (const [i, name] of names.entries()) {
      await daemon.logged(new RegExp(`^reading ${ptys[i]?.path ?? name}`));
      ptys[i]?.sendBanner();
      await ptys[i]?.send(rows);
    }
    await subscriber.until((received) => {
      const topics = new Set(received.map(({ topic }) => topic));
      return [
        ...names.flatMap((name) => [`lstmd/box/${name}/prediction`, `lstmd/box/${name}/health`]),
        'lstmd/box/wearer/event',
      ].every((topic) => topics.has(topic));
    });
    assert.equal(await daemon.end('SIGTERM'), 0, daemon.text);
    await subscriber.until((received) =>
      received.some(({ payload }) => payload.includes('"offline"')),
    );
    checkPoints(subscriber.received);
    const { code, stdout, stderr } = await runCommand(['describe', '-c', config, '--json']);
    assert.equal(code, 0, stderr);
    checkDescription(new DescribedDevice(stdout), subscriber.received);
  });
});

function checkPoints(received: readonly Received[]): void {
  const points = received.flatMap(({ topic, payload }) => telegraf.read(topic, payload));
  const of = (measurement: string, stream?: string): Point[] =>
    points.filter((point) => point.measurement === measurement && point.tags['stream'] === stream);
  const newest = of('prediction', 'wearer').at(-1) ?? assert.fail('no prediction');
  const published: unknown = JSON.parse(
    received.findLast(({ topic }) => topic === 'lstmd/box/wearer/prediction')?.payload ?? '',
  );
  const { p, label, ts, seq } = z
    .object({
      p: z.object({ running: z.number() }),
      label: z.string(),
      ts: z.number(),
      seq: z.number(),
    })
    .parse(published);
  assert.deepEqual(newest.tags, { device: 'box', stream: 'wearer' });
  assert.equal(newest.timeMs, ts);
  const { boot, ...fields } = newest.fields;
  assert.equal(typeof boot, 'number');
  assert.deepEqual(fields, { p_running: p.running, label, seq, warm: true });
  // A field has one type in a database, in whatever order the points come.
  const types = new Map<string, string>();
  for (const { measurement, fields: all } of points) {
    for (const [name, value] of Object.entries(all)) {
      const key = `${measurement}.${name}`;
      assert.equal(typeof value, types.get(key) ?? typeof value, key);
      types.set(key, typeof value);
    }
  }
  // What waited is the same point, so that a record that comes twice is there once.
  const waited = { history: true, kind: 'prediction', ...(published as object) };
  assert.deepEqual(telegraf.read('lstmd/box/wearer/history', JSON.stringify(waited)), [newest]);
  const event = received.find(({ topic }) => topic === 'lstmd/box/wearer/event')?.payload ?? '';
  const late = { history: true, kind: 'event', ...(JSON.parse(event) as object) };
  assert.deepEqual(
    telegraf.read('lstmd/box/wearer/history', JSON.stringify(late)),
    telegraf.read('lstmd/box/wearer/event', event),
  );
  assert.deepEqual(of('event', 'wearer')[0]?.tags, {
    device: 'box',
    stream: 'wearer',
    label: 'running',
  });
  const states = of('status').map(({ fields: { state }, timeMs }) => [state, timeMs]);
  assert.deepEqual(states[0], ['online', undefined]);
  assert.deepEqual(states.at(-1), ['offline', undefined]);
  checkDashboard(points);
}

/** Members that a short run does not have: a gap, a measured rate, the event of a score. */
const asWell = new Map([
  ['prediction', ['gapMs']],
  ['stream_health', ['measuredHz']],
  ['event', ['event']],
]);

function checkDashboard(points: readonly Point[]): void {
  const queries = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ query }) => query)),
    ...dashboard.templating.list.map(({ query }) => query),
  ];
  assert.ok(queries.length >= 14);
  for (const query of queries) {
    const { measurement, pattern, tags } = askedBy(query);
    const own = points.filter((point) => point.measurement === measurement);
    const more = asWell.get(measurement) ?? [];
    const fields = new Set([...own.flatMap((point) => Object.keys(point.fields)), ...more]);
    const known = new Set([...own.flatMap((point) => Object.keys(point.tags)), ...more]);
    if (pattern !== undefined) {
      assert.ok(
        [...fields].some((name) => new RegExp(pattern).test(name)),
        query,
      );
    }
    assert.deepEqual(
      tags.filter((name) => !known.has(name) && !fields.has(name)),
      [],
      query,
    );
  }
}

function checkDescription(device: DescribedDevice, received: readonly Received[]): void {
  const own = received.filter(({ topic }) => topic.startsWith('lstmd/'));
  const faults = own.map(({ topic, payload }) => device.faultOf(topic, JSON.parse(payload)));
  assert.deepEqual(
    faults.filter((fault) => fault !== undefined),
    [],
  );
  // No topic is described that there is not; what waited would be on `history`.
  const topics = new Set(own.map(({ topic }) => topic));
  const silent = device.addresses.filter((address) => !topics.has(address));
  assert.deepEqual(
    silent.filter((address) => !/\/(history|event)$/.test(address)),
    [],
  );
  // A schema refuses a record of another task, with another label, and one that lacks a member.
  const newest = (stream: string): Record<string, unknown> =>
    z
      .record(z.string(), z.unknown())
      .parse(
        JSON.parse(
          own.findLast(({ topic }) => topic === `lstmd/box/${stream}/prediction`)?.payload ?? '',
        ),
      );
  const all = ['wearer', ...tasks].map((stream) => [stream, newest(stream)] as const);
  for (const [stream, record] of all) {
    const topic = `lstmd/box/${stream}/prediction`;
    for (const member of Object.keys(record).filter((name) => name !== 'error')) {
      const rest = { ...record, [member]: undefined };
      assert.notEqual(device.faultOf(topic, JSON.parse(JSON.stringify(rest))), undefined, member);
    }
    for (const [other, foreign] of all) {
      assert.equal(device.faultOf(topic, foreign) === undefined, stream === other, other);
    }
    const late = { history: true, kind: 'prediction', ...record };
    assert.equal(device.faultOf(`lstmd/box/${stream}/history`, late), undefined);
    assert.notEqual(device.faultOf(`lstmd/box/${stream}/history`, record), undefined);
  }
  const walking = { ...newest('wearer'), label: 'walking' };
  assert.notEqual(device.faultOf('lstmd/box/wearer/prediction', walking), undefined);
}

test('lstmd describe says how records are written, what may be commanded, and no secret', async (t) => {
  const folder = testFolder(t);
  const config = join(folder, 'lstmd.yaml');
  writeFileSync(join(folder, 'password'), 'secret-word');
  writeFileSync(
    config,
    `device: box
stateDirectory: state
mqtt:
  url: [mqtts://broker.example, "wss://hub.example/mqtt?token=secret-word"]
  username: box
  passwordFile: password
  qos: 2
commands: { allow: [reset] }
streams:
  "gym bike é":
    sensor: { link: /dev/ttyUSB9, rateHz: 26 }
    model: { file: ${projectFile('examples/running/running.keras')}, mode: continuous, labels: [running] }
    publish: { batch: 5, format: cbor, nowSeconds: 0 }
`,
  );
  const described = await runCommand(['describe', '-c', config, '--json']);
  assert.equal(described.code, 0, described.stderr);
  assert.ok(!described.stdout.includes('secret'), described.stdout);
  const yaml = await runCommand(['describe', '-c', config]);
  assert.deepEqual(parse(yaml.stdout), JSON.parse(described.stdout));
  const device = new DescribedDevice(described.stdout);
  assert.deepEqual(
    device.addresses.filter((address) => !address.includes('gym bike é')),
    ['lstmd/box/status', 'lstmd/box/health', 'lstmd/box/cmd/reset', 'lstmd/box/cmd/reset/result'],
  );
  assert.ok(device.operations.includes('receive-cmd-reset'));
  assert.ok(!device.addresses.includes('lstmd/box/gym bike é/now'));
  const of = { ts: 1, boot: 1, seq: 1 };
  const one = { ...of, p: { running: 0.5 }, label: 'running', warm: true };
  const topic = 'lstmd/box/gym bike é/prediction';
  assert.equal(device.faultOf(topic, { ...of, predictions: [one] }), undefined);
  assert.notEqual(device.faultOf(topic, one), undefined);
  const { servers, components } = z
    .object({
      servers: z.record(z.string(), z.object({ host: z.string(), protocol: z.string() })),
      components: z.object({
        messages: z.record(z.string(), z.object({ contentType: z.string() })),
      }),
    })
    .parse(JSON.parse(described.stdout));
  assert.deepEqual(
    Object.values(servers).map(({ host, protocol }) => `${protocol} ${host}`),
    ['secure-mqtt broker.example:8883', 'wss hub.example:443'],
  );
  assert.deepEqual(
    new Set(Object.values(components.messages).map(({ contentType }) => contentType)),
    new Set(['application/json', 'application/cbor']),
  );
});

test('lstmd describe refuses Sparkplug, of which there is no JSON to describe', async (t) => {
  const folder = testFolder(t);
  const config = join(folder, 'lstmd.yaml');
  const model = projectFile('examples/running/running.keras');
  writeFileSync(
    config,
    `mqtt: { url: "mqtt://broker", sparkplug: { group: plant } }
streams:
  wearer:
    sensor: { link: /dev/ttyUSB9, rateHz: 26 }
    model: { file: ${model}, mode: continuous }
`,
  );
  const { code, stdout, stderr } = await runCommand(['describe', '-c', config]);
  assert.equal(code, 78, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /mqtt\.sparkplug: its births describe/);
});
