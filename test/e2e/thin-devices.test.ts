import assert from 'node:assert/strict';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { shardOf } from '#src/sensor/links/mqtt/shard.js';
import { encoderNamed } from '#src/simulator/encoders/registry.js';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const model = `{ file: ${projectFile('examples/running/running.keras')}, mode: continuous, labels: [running] }`;

function rows(scale: number): number[][] {
  return Array.from({ length: 30 }, (_, n) => [scale * Math.sin(n), 0.25, scale * (n % 5)]);
}

/** Holds what a health says of the bytes that came. */
interface Health {
  readonly samples: number;
  readonly connected: boolean;
  readonly sensor: Readonly<Record<'link' | 'decoder', Readonly<Record<string, number>>>>;
}

test(
  'reads what a thin device publishes, over a restart of the broker',
  { skip: needsBroker(), timeout: 300_000 },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/#');
    const device = await connectAsync(broker.url, { reconnectPeriod: 20 });
    t.after(() => device.endAsync(true));
    device.on('error', () => {});
    const topic = 'sensors/wrist/imu';
    await device.publishAsync(topic, '9,9,9', { retain: true });
    const folder = testFolder(t);
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `device: box
stateDirectory: ${folder}/state
healthSeconds: 0.1
mqtt: { url: "${broker.url}" }
streams:
  wrist:
    sensor: { link: "${broker.url}/${topic}", rateHz: 26 }
    model: ${model}
`,
    );
    const daemon = new Daemon(t, config);
    await daemon.logged(/reading mqtt:/);
    const health = (): Health =>
      JSON.parse(subscriber.on('lstmd/box/wrist/health').at(-1)?.payload ?? 'null') as Health;
    const samples = (count: number): Promise<void> =>
      subscriber.until(
        () => subscriber.on('lstmd/box/wrist/health').length > 0 && health().samples >= count,
      );
    // A line may lack its end, a message may have several, and one that is cut never joins the next.
    for (const payload of ['0.1,0.2,1', '0.1,0.2,1\n0.1,0.2,0.9\r\n', '0.1,0.', '2,1']) {
      await device.publishAsync(topic, payload, { qos: 1 });
    }
    await samples(3);
    assert.equal(health().sensor.decoder['rows'], 3);
    assert.equal(health().sensor.link['retained'], 1);
    await daemon.logged(/retained message on sensors\/wrist\/imu is no sample/);
    await broker.stop('SIGTERM');
    await daemon.logged(/connection to the broker of the sensor is lost/);
    await broker.start();
    await daemon.logged(
      /reading mqtt:/,
      daemon.lines.findIndex(({ msg }) => /is lost/.test(msg)),
    );
    await device.publishAsync(topic, '0.1,0.2,1', { qos: 1 });
    await samples(4);
    assert.equal(await daemon.end(), 0);
    assert.deepEqual(daemon.lines.at(-1)?.['saved'], { wrist: 4 });
  },
);

test(
  'makes a stream for each device of a pattern, and resumes it',
  { skip: needsBroker(), timeout: 300_000 },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/#');
    const devices = await connectAsync(broker.url, { reconnectPeriod: 20 });
    t.after(() => devices.endAsync(true));
    devices.on('error', () => {});
    const folder = testFolder(t);
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `device: box
stateDirectory: ${folder}/state
healthSeconds: 0.1
mqtt: { url: "${broker.url}" }
streams:
  wearer:
    sensor: { link: "${broker.url}/sensors/+/imu", rateHz: 26, maxStreams: 2 }
    model: ${model}
    state: { onGap: { then: keep } }
  tag:
    sensor: { link: "${broker.url}/tags/+", rateHz: 26, decoder: cobs }
    model: ${model}
    state: { onGap: { then: keep } }
`,
    );
    const send = async (topic: string, payload: string | Buffer): Promise<void> => {
      await devices.publishAsync(topic, payload, { qos: 1 });
    };
    const predictions = (stream: string): number[] =>
      subscriber.on(`lstmd/box/${stream}/prediction`).map(({ payload }) => {
        const { p } = JSON.parse(payload) as { readonly p: Readonly<Record<string, number>> };
        return p['running'] ?? Number.NaN;
      });
    const latest = (topic: string): Record<string, unknown> =>
      JSON.parse(subscriber.on(`lstmd/box/${topic}`).at(-1)?.payload ?? '{}') as Record<
        string,
        unknown
      >;
    const predicted = (count: number, ...streams: string[]): Promise<void> =>
      subscriber.until(() => streams.every((stream) => predictions(stream).length >= count));

    const daemon = new Daemon(t, config);
    await daemon.logged(/a stream is made for each device of sensors/);
    await daemon.logged(/a stream is made for each device of tags/);
    const encode = encoderNamed('cobs').create(3);
    const [gentle, rough] = [rows(0.5), rows(2)].map((each) =>
      each.map((row) => row.map((reading) => Math.fround(reading))),
    );
    for (const [n, row] of (gentle ?? []).entries()) {
      await send('sensors/left/imu', row.join(','));
      await send('sensors/24:6f:28:aa/imu', `${(rough?.[n] ?? []).join(',')}\n`);
      await send('tags/a.1', Buffer.from(encode(Float32Array.from(row))));
    }
    const streams = ['wearer-left', 'wearer-24:6f:28:aa', 'tag-a.1'] as const;
    await predicted(30, ...streams);
    assert.deepEqual(predictions('wearer-left'), predictions('tag-a.1'));
    assert.notDeepEqual(predictions('wearer-left'), predictions('wearer-24:6f:28:aa'));

    for (const name of ['..', 'a b', 'x'.repeat(65), 'third', 'third']) {
      await send(`sensors/${name}/imu`, '0,0,1\n');
    }
    await daemon.logged(/gets no stream: its name must be of letters/);
    const wearer = (): Record<string, unknown> =>
      (latest('health')['templates'] as Record<string, Record<string, unknown>> | undefined)?.[
        'wearer'
      ] ?? {};
    await subscriber.until(
      () => wearer()['beyondMaxStreams'] === 2 || Number(wearer()['streams']) > 2,
    );
    assert.equal(wearer()['streams'], 2);
    assert.equal(wearer()['refusedNames'], 3);
    await daemon.logged(/device third gets no stream: there are sensor\.maxStreams already, 2/);

    await broker.stop('SIGTERM');
    await daemon.logged(/connection to the broker of the sensor is lost/);
    const from = daemon.lines.length;
    await broker.start();
    await daemon.logged(/reading sensors\/left/, from);
    await send('sensors/left/imu', '0,0,1');
    await predicted(31, 'wearer-left');

    assert.equal(await daemon.end(), 0);
    assert.deepEqual(daemon.lines.at(-1)?.['saved'], {
      'wearer-left': 31,
      'wearer-24:6f:28:aa': 30,
      'tag-a.1': 30,
    });
    assert.deepEqual(
      readdirSync(join(folder, 'state'))
        .filter((name) => name.includes('-'))
        .toSorted(),
      [...streams].toSorted(),
    );

    const again = new Daemon(t, config);
    await again.logged(/a stream is made for each device of sensors/);
    await send('sensors/left/imu', '0,0,1');
    await predicted(32, 'wearer-left');
    assert.equal((latest('wearer-left/info')['state'] as { resumed?: boolean }).resumed, true);
    assert.equal(await again.end(), 0);
    assert.deepEqual(again.lines.at(-1)?.['saved'], { 'wearer-left': 32 });
  },
);

test(
  'boxes share the devices of a pattern, and a stream that moves takes its state along or begins anew',
  { skip: needsBroker(), timeout: 300_000 },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/#');
    const devices = await connectAsync(broker.url);
    t.after(() => devices.endAsync(true));
    const folder = testFolder(t);
    const start = async (box: string, shard: string): Promise<Daemon> => {
      const config = join(folder, `${box}.yaml`);
      writeFileSync(
        config,
        `device: ${box}
stateDirectory: ${folder}/${box}
mqtt: { url: "${broker.url}" }
streams:
  wearer:
    sensor: { link: "${broker.url}/sensors/+", rateHz: 26, ${shard} }
    model: ${model}
    state: { onGap: { then: keep } }
`,
      );
      const daemon = new Daemon(t, config);
      await daemon.logged(/a stream is made for each device of sensors/);
      return daemon;
    };
    const names = Array.from({ length: 8 }, (_, n) => `d${n}`);
    const hasSent = (box: string, name: string): boolean =>
      subscriber.on(`lstmd/${box}/wearer-${name}/prediction`).length > 0;
    const boxes = ['box1', 'box2'];
    const both = await Promise.all(
      boxes.map((box, n) => start(box, `shard: { number: ${n + 1}, of: 2 }`)),
    );
    for (const name of names) {
      await devices.publishAsync(`sensors/${name}`, '0.1,0.2,0.9', { qos: 1 });
    }
    await subscriber.until(() => names.every((name) => boxes.some((box) => hasSent(box, name))));
    for (const daemon of both) {
      assert.equal(await daemon.end(), 0);
    }
    for (const name of names) {
      assert.deepEqual(
        boxes.filter((box) => hasSent(box, name)),
        [`box${shardOf(name, 2)}`],
      );
    }
    const [along, left] = names.filter((name) => shardOf(name, 2) === 2);
    renameSync(join(folder, 'box2', `wearer-${along}`), join(folder, 'box1', `wearer-${along}`));
    const alone = await start('box1', 'maxStreams: 8');
    const info = (name: string | undefined): string =>
      subscriber.on(`lstmd/box1/wearer-${name}/info`).at(-1)?.payload ?? '';
    for (const name of [along, left]) {
      await devices.publishAsync(`sensors/${name}`, '0.1,0.2,0.9', { qos: 1 });
    }
    await subscriber.until(() => info(along) !== '' && info(left) !== '');
    assert.match(info(along), /"resumed":true/);
    assert.match(info(left), /"resumed":false,"reason":"fresh"/);
    assert.equal(await alone.end(), 0);
  },
);
