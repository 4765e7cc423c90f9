import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connectAsync, type MqttClient } from 'mqtt';
import { isObject, type JsonObject } from '#src/base/json.js';
import { loadModel, openStream } from '#src/index.js';
import { Broker, needsBroker, type Received, type Subscriber } from '../support/broker.js';
import { runCommand } from '../support/command.js';
import { Daemon, testFolder } from '../support/daemon.js';
import { inputLayer, kerasArchive, lstmLayer, weight } from '../support/model-writer.js';
import { projectFile } from '../support/project.js';

const row = '0.1,-0.2,0.9';
const running = projectFile('examples/running/running.keras');
const golden = (name: string): string => projectFile(`test/golden/cases/${name}`);

/** The output to which a model comes when the row stays the same. */
async function restOf(file: string): Promise<number> {
  const plan = await loadModel(file);
  const { stepper } = await openStream(plan, { mode: 'continuous' });
  let last = 0;
  for (let n = 0; n < 200; n += 1) {
    last = stepper.push(row.split(',').map(Number))?.[0] ?? Number.NaN;
  }
  return last;
}

function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** A cell without bounds, whose state doubles with each sample. */
async function explodingModel(): Promise<Uint8Array> {
  const { config, ...lstm } = lstmLayer('lstm', 3, 1, {
    activation: 'linear',
    recurrent_activation: 'linear',
    return_sequences: false,
  });
  const big = { shape: [3, 4], data: new Float32Array(12).fill(4) };
  const weights = [big, { shape: [1, 4], data: new Float32Array(4).fill(4) }, weight(4)];
  const layers = [inputLayer(10), { ...lstm, config, weights }];
  return kerasArchive({ kerasVersion: '3.15.1', layers });
}

class Device {
  readonly folder: string;
  readonly models: string;
  readonly config: string;
  readonly broker: Broker;
  readonly subscriber: Subscriber;
  readonly client: MqttClient;
  readonly #sent = new Map<string, number>();
  #asked = 0;

  private constructor(folder: string, broker: Broker, subscriber: Subscriber, client: MqttClient) {
    this.folder = folder;
    this.models = join(folder, 'models');
    this.config = join(folder, 'lstmd.yaml');
    this.broker = broker;
    this.subscriber = subscriber;
    this.client = client;
  }

  static async make(t: TestContext): Promise<Device> {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/#');
    const client = await connectAsync(broker.url);
    t.after(() => client.endAsync(true));
    const device = new Device(testFolder(t), broker, subscriber, client);
    mkdirSync(device.models);
    const model = `{ file: ${running}, mode: continuous, labels: [running] }`;
    const common = `model: ${model}
    state: { onGap: { maxMs: 1000000, then: keep } }`;
    writeFileSync(
      device.config,
      `device: box
stateDirectory: ${device.folder}/state
mqtt: { url: "${broker.url}" }
commands: { allow: [reload, checkpoint], modelDirectory: models, maxModelBytes: 1000000 }
streams:
  wearer:
    sensor: { link: "${broker.url}/sensors/wearer", rateHz: 1000 }
    ${common}
  bands:
    sensor: { link: "${broker.url}/sensors/bands/+", rateHz: 1000 }
    ${common}
`,
    );
    return device;
  }

  /** Sends rows of a stream, and waits for the prediction of each. */
  async feed(stream: string, rows: number): Promise<void> {
    const topic = `sensors/${stream.replace('-', '/')}`;
    const payload = Array.from({ length: rows }, () => row).join('\n');
    const sent = (this.#sent.get(stream) ?? 0) + rows;
    this.#sent.set(stream, sent);
    await this.client.publishAsync(topic, payload, { qos: 1 });
    await this.subscriber.until(() => this.#predictions(stream).length >= sent);
  }

  /** Every row that was sent has its prediction, and no number came twice for two of them. */
  assertAllCame(stream: string): void {
    const predictions = this.predictions(stream);
    const names = new Set(predictions.map(({ boot, seq }) => JSON.stringify([boot, seq])));
    assert.equal(names.size, this.#sent.get(stream));
  }

  /** Sends a command, and rows of streams as well until its answer comes. */
  async ask(name: string, body: object | string, ...streams: string[]): Promise<JsonObject> {
    this.#asked += 1;
    const payload =
      typeof body === 'string' ? body : JSON.stringify({ id: `${this.#asked}`, ...body });
    const result = `lstmd/box/cmd/${name}/result`;
    const before = this.subscriber.on(result).length;
    await this.client.publishAsync(`lstmd/box/cmd/${name}`, payload, { qos: 1 });
    const isAnswered = (): boolean => this.subscriber.on(result).length > before;
    while (streams.length > 0 && !isAnswered()) {
      for (const stream of streams) {
        await this.feed(stream, 5);
      }
    }
    await this.subscriber.until(isAnswered);
    return objectOf(this.subscriber.on(result).at(-1)?.payload);
  }

  #predictions(stream: string): Received[] {
    return this.subscriber.on(`lstmd/box/${stream}/prediction`);
  }

  predictions(stream: string): JsonObject[] {
    return this.#predictions(stream).map(({ payload }) => objectOf(payload));
  }

  /** Feeds some rows, and returns the last probability. */
  async outputs(stream: string, rows: number): Promise<number> {
    await this.feed(stream, rows);
    const { p } = objectOf(this.#predictions(stream).at(-1)?.payload);
    return isObject(p) ? Number(p['running']) : Number.NaN;
  }

  async info(stream: string, sha256: string): Promise<JsonObject> {
    const topic = `lstmd/box/${stream}/info`;
    const ofModel = ({ payload }: { payload: string }): boolean => payload.includes(sha256);
    await this.subscriber.until(() => this.subscriber.on(topic).slice(-1).some(ofModel));
    return objectOf(this.subscriber.on(topic).at(-1)?.payload);
  }
}

function isNear(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-4, `${found}, not ${expected}`);
}

function objectOf(payload: string | undefined): JsonObject {
  const json: unknown = JSON.parse(payload ?? 'null');
  assert.ok(isObject(json));
  return json;
}

test(
  'a command puts another model in the place of one that runs, and a bad one comes back',
  { skip: needsBroker(), timeout: 600_000 },
  async (t) => {
    const device = await Device.make(t);
    const next = join(device.models, 'next.keras');
    cpSync(join(golden('hard-sigmoid-k3'), 'model.keras'), next);
    cpSync(join(golden('hard-sigmoid-k3'), 'case.json'), join(device.models, 'next.case.json'));
    const [rest, nextRest] = await Promise.all([restOf(running), restOf(next)]);
    const sha256 = sha256Of(next);
    const reload = { stream: 'wearer', file: 'next.keras', sha256 };
    let daemon = new Daemon(t, device.config);
    await daemon.logged(/reading mqtt:.*wearer/);
    isNear(await device.outputs('wearer', 200), rest);

    // Nothing is lost or told twice while the models change, and the new one is warm from its first prediction on.
    const answer = await device.ask('reload', { ...reload, id: 'n1' }, 'wearer');
    assert.deepEqual(
      [answer['ok'], answer['stream'], answer['state'], answer['verified'], answer['remembered']],
      [true, 'wearer', 'new', true, true],
      JSON.stringify(answer),
    );
    isNear(await device.outputs('wearer', 200), nextRest);
    device.assertAllCame('wearer');
    assert.ok(
      device
        .predictions('wearer')
        .slice(100)
        .every(({ warm }) => warm === true),
    );
    const { state } = await device.info('wearer', sha256);
    assert.deepEqual(state, { resumed: false, reason: 'reloaded' });
    assert.doesNotMatch(daemon.text, /kept aside/);
    const again = await device.ask('reload', { ...reload, id: 'n1' });
    assert.deepEqual(again, { ...answer, again: true });

    // The same model goes on with its state.
    const same = await device.ask('reload', reload, 'wearer');
    assert.deepEqual([same['ok'], same['state']], [true, 'kept']);

    // A model that does not give what it should is never heard of.
    const bad = join(device.models, 'bad.keras');
    writeFileSync(bad, await explodingModel());
    symlinkSync(next, join(device.models, 'link.keras'));
    cpSync(next, join(device.models, 'other.keras'));
    writeFileSync(
      join(device.models, 'other.case.json'),
      readFileSync(join(golden('conv-causal-lstm'), 'case.json')),
    );
    const six = [inputLayer(10, 6), lstmLayer('lstm', 6, 1)];
    writeFileSync(
      join(device.models, 'six.keras'),
      await kerasArchive({ kerasVersion: '3.15.1', layers: six }),
    );
    cpSync(join(golden('refuse-lambda'), 'model.keras'), join(device.models, 'lambda.keras'));
    writeFileSync(join(device.models, 'large.keras'), '');
    truncateSync(join(device.models, 'large.keras'), 1_000_001);
    writeFileSync(join(device.models, 'text.keras'), 'no model');
    mkdirSync(join(device.models, 'folder.keras'));
    const of = (file: string) => ({
      stream: 'wearer',
      file,
      sha256: sha256Of(join(device.models, file)),
    });
    for (const [body, error] of [
      [
        of('bad.keras'),
        /exploded, or its output was not finite, at sample \d+: the model before goes on/,
      ],
      [
        { ...reload, outputs: 1_000_000, seconds: 1 },
        /of 1000000 warm outputs came from \d+ samples in 1 s/,
      ],
      [of('other.keras'), /does not reproduce .*other\.case\.json/],
      [of('six.keras'), /the model takes 6 features a sample/],
      [of('lambda.keras'), /Lambda/],
      [of('text.keras'), /text\.keras/],
      [{ ...of('text.keras'), file: 'large.keras' }, /maxModelBytes allows 1000000/],
      [{ ...of('text.keras'), file: 'link.keras' }, /is a link/],
      [{ ...of('text.keras'), file: 'folder.keras' }, /is no file/],
      [{ ...of('text.keras'), file: 'none.keras' }, /none\.keras is not there/],
      [{ ...reload, sha256: '0'.repeat(64) }, /its SHA-256 is [0-9a-f]{64}, not 0{64}/],
      [{ ...reload, sha256: undefined }, /sha256: must be/],
      [{ ...reload, file: '../lstmd.yaml' }, /file: must be the plain name/],
      [{ ...reload, file: '/etc/passwd' }, /file: must be the plain name/],
      [{ ...reload, file: ['next.keras'] }, /file: must be the plain name/],
      [{ ...reload, file: 'a\u0000b' }, /file: must be the plain name/],
      [{ ...reload, stream: 'bands-1' }, /name the template, bands/],
      [{ ...reload, stream: undefined }, /must be one of: wearer, bands/],
      [{ ...reload, streams: ['wearer'] }, /give one of the two/],
      [{ ...reload, outputs: 0 }, /outputs: must be/],
      [{ ...reload, seconds: 1e9 }, /seconds: must be/],
      [{ ...reload, configured: true }, /leave out file and sha256/],
      [{ ...reload, path: '/' }, /path: there is no such member/],
      [{ ...reload, stream: 'bands' }, /no stream yet on which it could be tried/],
      ['[1]', /no JSON object/],
    ] as const) {
      const isTried = /samples? /.test(error.source) ? ['wearer'] : [];
      const refused = await device.ask('reload', body, ...isTried);
      assert.equal(refused['ok'], false, JSON.stringify(refused));
      assert.match(String(refused['error']), error);
    }
    isNear(await device.outputs('wearer', 5), nextRest);
    device.assertAllCame('wearer');

    // The streams of a template go on together, and those of devices that come later with them.
    await device.outputs('bands-1', 10);
    await device.outputs('bands-2', 10);
    const bands = await device.ask('reload', { ...reload, stream: 'bands' }, 'bands-1', 'bands-2');
    assert.equal(bands['ok'], true, JSON.stringify(bands));
    assert.deepEqual([bands['state'], bands['saved']], ['new', true]);
    await device.info('bands-1', sha256);
    await device.info('bands-2', sha256);
    await device.outputs('bands-3', 10);
    await device.info('bands-3', sha256);

    // Killed while another one is on trial, the device comes back with the one that ran, and its state.
    assert.equal((await device.ask('checkpoint', {}))['ok'], true);
    void device.client.publishAsync(
      'lstmd/box/cmd/reload',
      JSON.stringify({ ...of('bad.keras'), outputs: 1_000_000 }),
    );
    await daemon.logged(
      /a model is tried beside the one that runs: bad\.keras/,
      daemon.lines.findLastIndex(({ msg }) => /carried out/.test(msg)),
    );
    await daemon.end('SIGKILL');
    daemon = new Daemon(t, device.config);
    await daemon.logged(/stream wearer runs .*next\.keras, which the command reload put/);
    await daemon.logged(/stream bands runs .*next\.keras/);
    await daemon.logged(/resumed after sample/);
    await daemon.logged(/reading mqtt:.*wearer/);
    isNear(await device.outputs('wearer', 5), nextRest);

    // Back to what the configuration names, by a command ...
    const back = await device.ask('reload', { stream: 'wearer', configured: true }, 'wearer');
    assert.deepEqual([back['ok'], back['state']], [true, 'new'], JSON.stringify(back));
    isNear(await device.outputs('wearer', 200), rest);
    assert.equal(await daemon.end(), 0, daemon.text);
    // ... or because the file cannot be run any more.
    writeFileSync(next, 'gone');
    const check = await runCommand(['run', '--check', '-c', device.config]);
    assert.match(check.stderr, /stream bands runs the configuration's model: .* cannot run/);
    daemon = new Daemon(t, device.config);
    await daemon.logged(/stream bands runs the configuration's model: .* cannot run/);
    await daemon.logged(/reading mqtt:.*wearer/);
    assert.doesNotMatch(daemon.text, /stream wearer runs/);
    isNear(await device.outputs('wearer', 5), rest);
    assert.equal(await daemon.end(), 0, daemon.text);
    device.assertAllCame('wearer');
  },
);
