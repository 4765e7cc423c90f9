import { readSecrets } from '../../config/secrets.js';
import { definePublisher } from '../outbox/contract/publisher-definition.js';
import { mqttOptions } from './options.js';
import { Topics } from './topics.js';

/** Publishes JSON to an MQTT broker. */
export const mqtt = definePublisher({
  name: 'mqtt',
  options: mqttOptions,
  async prepare(options, device) {
    const { url, clientId, username, prefix, protocol, keepaliveSeconds } = options;
    const topics = new Topics(prefix, device);
    const secrets = await readSecrets(options);
    // Loaded only by whoever publishes: the client library takes its time.
    const { MqttPublisher } = await import('./mqtt-publisher.js');
    return ({ records, log }) =>
      new MqttPublisher({
        url,
        clientId: clientId ?? `lstmd-${device}`,
        username,
        password: secrets.password,
        tls: secrets,
        protocol,
        keepaliveSeconds,
        topics,
        records,
        log,
      });
  },
});
