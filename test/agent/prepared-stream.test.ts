import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { prepareStreams } from '#src/agent/prepared-stream.js';
import { configSchema, type Config } from '#src/agent/config-schema.js';
import { projectFile } from '../support/project.js';

const file = projectFile('examples/running/running.keras');

function configOf(models: Readonly<Record<string, object>>): Config {
  const streams = Object.entries(models).map(([name, model]) => [
    name,
    { sensor: { link: '/dev/null', rateHz: 26 }, model: { file, mode: 'continuous', ...model } },
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
});
