import type { MqttConfig } from '../../config/schema.js';
import type { PublisherEntry } from '../outbox/contract/publisher.js';
import { MqttPublisher } from './mqtt-publisher.js';
import { Topics } from './topics.js';

/** Publishes JSON to an MQTT broker. */
export const mqtt: PublisherEntry<'mqtt', MqttConfig> = {
  name: 'mqtt',
  create: (options, { device, secrets, records, log }) =>
    new MqttPublisher({
      url: options.url,
      clientId: options.clientId ?? `lstmd-${device}`,
      username: options.username,
      password: secrets.password,
      tls: secrets,
      protocol: options.protocol,
      keepaliveSeconds: options.keepaliveSeconds,
      topics: new Topics(options.prefix, device),
      records,
      log,
    }),
};
