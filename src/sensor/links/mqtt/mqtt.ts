import { messageOf } from '../../../base/errors.js';
import { readSecrets } from '../../../mqtt-client/secrets.js';
import { defineLink } from '../definition.js';
import { topicAddress, topicAddressFault } from './address.js';
import { DeviceFeed } from './device-feed.js';
import { feedSecrets } from './feed-secrets.js';
import { MqttLink } from './mqtt-link.js';
import { feedOptions } from './options.js';

const defaultMaxStreams = 64;

/** Reads what thin devices publish to a broker. */
export const mqtt = defineLink({
  name: 'mqtt://host:port/topic',
  schemes: ['mqtt', 'mqtts'],
  options: feedOptions,
  fault: topicAddressFault,
  create: ({ link, mqtt: section }) => new MqttLink(link, section),
  isReadOnly: true,
  isTemplate: (link) => topicAddress(link)?.isPattern === true,
  devices: ({ link, mqtt: section, shard, maxStreams = defaultMaxStreams }) =>
    new DeviceFeed(link, section, { maxStreams, shard }),
  files: ({ mqtt: section }) =>
    feedSecrets(section).map(({ path, origin }) => ({ path, option: origin })),
  check: async ({ mqtt: section }) => {
    try {
      await readSecrets(feedSecrets(section));
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  },
});
