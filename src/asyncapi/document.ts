import type { Config } from '../agent/config-schema.js';
import type { PreparedStream } from '../agent/prepared-stream.js';
import { LstmdError } from '../base/errors.js';
import { packageVersion } from '../base/version.js';
import { mqttOptions } from '../publish/mqtt/options.js';
import { Topics } from '../publish/mqtt/topics.js';
import { channelsOf } from './channel-list.js';
import { servers } from './servers.js';
import { deviceTopics, streamTopics } from './topic-descriptions.js';

/**
 * Describes what a device publishes and hears as an AsyncAPI 3.0 document. It holds no secret, and what Home
 * Assistant is told of the device is not in it.
 *
 * @param streams those of the configuration, prepared
 * @throws LstmdError `config.invalid` where the configuration has no broker, or publishes Sparkplug, whose
 *   births describe it themselves
 */
export function asyncApiDocument(config: Config, streams: readonly PreparedStream[]): object {
  const sections: Readonly<Record<string, unknown>> = { ...config };
  // The publishers' sections were checked with the configuration, whose type does not tell them.
  const { data: mqtt } = mqttOptions.safeParse(sections['mqtt']);
  if (mqtt === undefined) {
    throw new LstmdError('config.invalid', 'is missing: nothing is published', {
      at: ['mqtt'],
    });
  }
  if (mqtt.sparkplug !== undefined) {
    throw new LstmdError(
      'config.invalid',
      'its births describe what is published, and no JSON is: leave it out for this document',
      { at: ['mqtt', 'sparkplug'] },
    );
  }
  const topics = new Topics(mqtt.prefix, config.device);
  return {
    asyncapi: '3.0.0',
    info: {
      title: `lstmd on ${config.device}`,
      version: packageVersion(),
      description:
        'Delivery of records is at least once at QoS 1 and 2: (boot, seq) names a record of a stream. Readers take no notice of members that they do not know.',
    },
    defaultContentType: 'application/json',
    servers: servers(mqtt, config.device, topics),
    ...channelsOf([
      ...deviceTopics(topics, config),
      ...streams.flatMap((stream) => streamTopics(stream, topics, mqtt.qos)),
    ]),
  };
}
