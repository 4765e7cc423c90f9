import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configSchema, type Config } from '#src/agent/config-schema.js';
import { preparePublisher } from '#src/agent/prepared-publisher.js';
import { publishers } from '#src/publish/registry.js';

function configOf(mqtt: object): Config {
  return configSchema.parse({
    device: 'box',
    mqtt: { url: 'mqtt://127.0.0.1', ...mqtt },
    streams: {
      left: {
        sensor: { link: '/dev/null', rateHz: 26 },
        model: { file: 'm.keras', mode: 'continuous' },
      },
    },
  });
}

describe('preparePublisher', () => {
  test('gives what the agent must know of the section, whoever publishes', async () => {
    const { name, qos, outbox } = await preparePublisher(
      configOf({ qos: 2, outbox: { memoryBytes: 1e6 } }),
    );
    assert.deepEqual(
      [name, qos, outbox.memoryBytes, outbox.policy],
      ['mqtt', 2, 1e6, 'drop-oldest'],
    );
  });

  test('refuses a prefix that cannot begin a topic, and a file that cannot be read', async () => {
    await assert.rejects(preparePublisher(configOf({ prefix: '$SYS' })), {
      code: 'config.invalid',
      message: /mqtt\.prefix "\$SYS": a topic must not begin with \$/,
    });
    await assert.rejects(
      preparePublisher(configOf({ url: 'mqtts://127.0.0.1', ca: '/nowhere/ca.pem' })),
      {
        code: 'config.unreadable',
        message: /mqtt\.ca: .*\/nowhere\/ca\.pem/,
      },
    );
  });

  test('refuses a configuration without the section of a publisher, and names those there are', async () => {
    const { mqtt: _, ...others } = { mqtt: undefined, ...configOf({}) };
    await assert.rejects(preparePublisher(others), {
      code: 'config.invalid',
      message: new RegExp(
        `the section of one publisher \\(${publishers.map(({ name }) => name).join(', ')}\\), not of none`,
      ),
    });
  });
});
