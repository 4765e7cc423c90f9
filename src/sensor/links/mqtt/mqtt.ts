import { defineLink } from '../definition.js';
import { topicAddressFault } from './address.js';
import { MqttLink } from './mqtt-link.js';
import { feedOptions } from './options.js';

/** What thin devices publish to a broker. */
export const mqtt = defineLink({
  name: 'mqtt://host:port/topic',
  schemes: ['mqtt', 'mqtts'],
  options: feedOptions,
  fault: topicAddressFault,
  create: ({ link, mqtt: section }) => new MqttLink(link, section),
});
