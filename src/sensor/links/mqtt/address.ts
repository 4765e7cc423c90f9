import { isObject } from '../../../base/json.js';
import { isEncrypted } from '../../../mqtt-client/broker-address.js';

/** Says where the samples of thin devices are published. */
export interface TopicAddress {
  /** `mqtt://host[:port]`, as the broker's URL. */
  readonly url: string;
  /** The topic, or a pattern of which one level is `+`: the name of a device. */
  readonly topic: string;
  /** True when the topic is a pattern. */
  readonly isPattern: boolean;
}

/** Reads `mqtt://host[:port]/topic`; the topic is taken as it stands. Undefined where it is not just that. */
export function topicAddress(address: string): TopicAddress | undefined {
  const match = /^(mqtts?:\/\/(?:\[[0-9a-f:.%]+\]|[^[\]/:@?#\s]+)(?::\d{1,5})?)\/(.+)$/i.exec(
    address,
  );
  const [, url = '', topic = ''] = match ?? [];
  return match === null ? undefined : { url, topic, isPattern: topic.split('/').includes('+') };
}

/**
 * Returns what is wrong with an address; undefined where nothing is.
 *
 * @param section the options that stand beside it
 */
export function topicAddressFault(
  address: string,
  section: Readonly<Record<string, unknown>>,
): string | undefined {
  if (/^mqtts?:\/\/[^/]*@/i.test(address)) {
    return 'must hold no credentials: use sensor.mqtt.username and passwordFile';
  }
  const parts = topicAddress(address);
  if (parts === undefined || !URL.canParse(parts.url)) {
    return 'must have a broker and a topic, as in mqtt://192.0.2.7:1883/sensors/left-wrist/imu';
  }
  const { mqtt } = section;
  const shown = ['ca', 'cert'].find((option) => isObject(mqtt) && mqtt[option] !== undefined);
  if (shown !== undefined && !isEncrypted(parts.url)) {
    return `is not encrypted, yet there is sensor.mqtt.${shown}: mqtts://`;
  }
  const levels = parts.topic.split('/');
  if (/[#\0]/.test(parts.topic)) {
    return 'must not hold #: the topic of a sensor is named level by level';
  }
  if (parts.topic.startsWith('$share/')) {
    return 'must be no shared subscription, of which each box gets any message of a device: have each box subscribe to the topic, and give it its part by sensor.shard';
  }
  if (parts.topic.startsWith('$')) {
    return 'must name no topic that begins with $, which are the own ones of the broker';
  }
  if (levels.some((level) => level.includes('+') && level !== '+')) {
    return 'may have + only as a whole level of the topic, as in sensors/+/imu';
  }
  if (levels.filter((level) => level === '+').length > 1) {
    return 'may have one + only: it stands for the name of a device';
  }
  const ofMany = ['maxStreams', 'shard'].find((option) => section[option] !== undefined);
  return !parts.isPattern && ofMany !== undefined
    ? `has no +, so that it is one stream: add the level that names the device, or delete sensor.${ofMany}`
    : undefined;
}

/** The device that a topic names in the place of the `+`; undefined where the topic is of another pattern. */
export function deviceOf(pattern: string, topic: string): string | undefined {
  const at = pattern.indexOf('+');
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  const device = topic.slice(before.length, topic.length - after.length);
  const isOfPattern =
    topic.length >= before.length + after.length &&
    topic.startsWith(before) &&
    topic.endsWith(after) &&
    !device.includes('/');
  return isOfPattern ? device : undefined;
}
