import { LstmdError } from '../../base/errors.js';
import { definePublisher } from '../outbox/contract/publisher-definition.js';
import { clientIdOf, mqttOptions } from './options.js';
import { parseBrokerUrl, urlsOf } from '../../mqtt-client/broker-address.js';
import { readSecrets, secretFiles } from '../../mqtt-client/secrets.js';
import { Topics } from './topics.js';

/** Publishes JSON, or Sparkplug B, to an MQTT broker. */
export const mqtt = definePublisher({
  name: 'mqtt',
  options: mqttOptions,
  async prepare(options, device, formats) {
    const { url, username, prefix, protocol, keepaliveSeconds, willDelaySeconds } = options;
    const topics = new Topics(prefix, device);
    const files = secretFiles(options);
    // They are read again at each connection; here it is only asked whether they are what they should be.
    await readSecrets(files);
    // Loaded only by whoever publishes: the client library takes its time.
    const { MqttPublisher } = await import('./mqtt-publisher.js');
    const encode = formats.includes('cbor')
      ? (await import('../../mqtt-client/cbor.js')).cborOfJson
      : undefined;
    const { homeAssistant, sparkplug } = options;
    if (sparkplug !== undefined && formats.includes('cbor')) {
      throw new LstmdError(
        'config.invalid',
        'its payloads are protobuf, and publish.format is cbor: leave one of the two out',
        { at: ['mqtt', 'sparkplug'] },
      );
    }
    // Loaded only by whoever publishes so.
    const { SparkplugScheme } =
      sparkplug === undefined ? {} : await import('./sparkplug/sparkplug-scheme.js');
    return {
      create: ({ records, log, commands, ...surroundings }) =>
        new MqttPublisher({
          homeAssistant: homeAssistant && {
            prefix: homeAssistant.prefix,
            name: homeAssistant.name ?? device,
            device,
            ...surroundings,
          },
          url,
          clientId: clientIdOf(options, device),
          username,
          secrets: (signal) => readSecrets(files, signal),
          protocol,
          keepaliveSeconds,
          willDelaySeconds,
          topics,
          encode,
          scheme:
            SparkplugScheme &&
            sparkplug &&
            ((wake) =>
              new SparkplugScheme({
                group: sparkplug.group,
                node: sparkplug.node ?? device,
                primaryHost: sparkplug.primaryHost,
                directory: surroundings.directory,
                records,
                now: Date.now,
                wake,
                log,
              })),
          records,
          commands,
          log,
        }),
      hosts: urlsOf(url).map((each) => parseBrokerUrl(each).host),
      secretFiles: files
        .filter(({ at }) => at.length > 0)
        .map(({ path, name, origin }) => ({ path, option: origin, credential: `mqtt-${name}` })),
      probe: async () => {
        const { probeBroker } = await import('./probe-broker.js');
        return probeBroker({ url, username, protocol, secrets: () => readSecrets(files) });
      },
    };
  },
});
