import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const model = `{ file: ${projectFile('examples/running/running.keras')}, mode: continuous, labels: [running] }`;

/** What a health says of the bytes that came. */
interface Health {
  readonly samples: number;
  readonly connected: boolean;
  readonly sensor: Readonly<Record<'link' | 'decoder', Readonly<Record<string, number>>>>;
}

test(
  'reads what a thin device publishes, over a restart of the broker',
  { skip: needsBroker(), timeout: 60_000 },
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
    await daemon.logged(/retained message on sensors\/wrist\/imu is no sample/);
    // A line may lack its end, a message may have several, and one that is cut never joins the next.
    for (const payload of ['0.1,0.2,1', '0.1,0.2,1\n0.1,0.2,0.9\r\n', '0.1,0.', '2,1']) {
      await device.publishAsync(topic, payload, { qos: 1 });
    }
    await samples(3);
    assert.equal(health().sensor.decoder['rows'], 3);
    assert.equal(health().sensor.link['retained'], 1);
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
