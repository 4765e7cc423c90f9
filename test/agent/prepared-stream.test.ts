import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { prepareStreams } from '#src/agent/prepared-stream.js';
import { configSchema, type Config } from '#src/agent/config-schema.js';
import { MqttLink } from '#src/sensor/links/mqtt/mqtt-link.js';
import { feedOptions } from '#src/sensor/links/mqtt/options.js';
import { Stepper } from '#src/engine/stepper.js';
import { testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const file = projectFile('examples/running/running.keras');

function configOf(models: Readonly<Record<string, object>>, sensor = {}): Config {
  const streams = Object.entries(models).map(([name, model]) => [
    name,
    {
      sensor: { link: '/dev/null', rateHz: 26, ...sensor },
      model: { file, mode: 'continuous', ...model },
    },
  ]);
  return configSchema.parse({
    device: 'box',
    mqtt: { url: 'mqtt://127.0.0.1' },
    streams: Object.fromEntries(streams) as unknown,
  });
}

describe('prepareStreams', () => {
  test('reads a model once for all the sensors it serves, each with a state of its own', async () => {
    const config = configOf({ left: {}, right: {}, window: { mode: 'sliding', window: 20 } });
    const [left, right, window] = await prepareStreams(config);
    assert.equal(left?.plan, right?.plan);
    assert.notEqual(left?.stepper, right?.stepper);
    assert.notEqual(left?.plan, window?.plan);
    assert.equal(window?.plan.window, 20);
  });

  test('packs the weights once for all streams that run a model in the same way', async () => {
    const config = configOf({ left: {}, right: {}, late: { warmupSamples: 5 } });
    const [left, right, late] = await prepareStreams(config);
    assert.equal(left?.program, right?.program);
    assert.equal(late?.program.warmupSamples, 5);
    left?.stepper.push([0.1, 0.2, 0.9]);
    assert.equal(left?.stepper.sampleCount, 1);
    assert.ok(right?.stepper.state.every((float) => float === 0));
    assert.deepEqual(right?.stepper.push([0.1, 0.2, 0.9]), late?.stepper.push([0.1, 0.2, 0.9]));
  });

  test('hears while it steps a case that it is to stop', async (t) => {
    const folder = testFolder(t);
    const input = Array.from({ length: 5000 }, () => [0.1, 0.2, 0.9]);
    const continuous = { outputs: input.map(() => [0.5]), states: {} };
    const verify = join(folder, 'case.json');
    writeFileSync(verify, JSON.stringify({ input, continuous }));
    const controller = new AbortController();
    const push = t.mock.method(Stepper.prototype, 'push', () => {
      controller.abort(new Error('SIGTERM'));
      return null;
    });
    await assert.rejects(prepareStreams(configOf({ left: { verify } }), controller.signal), {
      message: 'SIGTERM',
    });
    assert.ok(push.mock.callCount() <= 256, `${push.mock.callCount()} samples`);
  });

  test('names every stream that cannot run, and why', async () => {
    const config = configOf({ one: { file: 'none.keras' }, two: { file: 'nil.keras' }, three: {} });
    await assert.rejects(prepareStreams(config), (error: Error) => {
      assert.match(
        error.message,
        /2 streams cannot run:\n {2}one: .*none\.keras.*\n {2}two: .*nil/,
      );
      return true;
    });
  });

  test('has the devices of a template share one engine, each with a state of its own', async () => {
    const config = configOf({ wearer: {} }, { link: 'mqtt://127.0.0.1/sensors/+/imu' });
    const [wearer] = await prepareStreams(config);
    const link = new MqttLink('mqtt://127.0.0.1/a', feedOptions.mqtt.parse({}));
    const left = await wearer?.template?.stream('wearer-left', link);
    const right = await wearer?.template?.stream('wearer-right', link);
    assert.ok(left !== undefined && right !== undefined);
    assert.equal(left.stepper.program, right.stepper.program);
    left.stepper.push([1, 0, 0]);
    assert.notDeepEqual(left.stepper.state, right.stepper.state);
    assert.notEqual(left.heads[0], right.heads[0]);
    assert.match(left.stateDirectory, /wearer-left$/);
  });

  test('refuses a sensor that must be asked where nothing can be sent', async () => {
    const registers = { x: { address: 0 } };
    const sensor = { decoder: 'modbus', link: 'mqtt://127.0.0.1/a', axes: ['x'], registers };
    await assert.rejects(prepareStreams(configOf({ one: {} }, sensor)), /can only be read: name a/);
  });
});
