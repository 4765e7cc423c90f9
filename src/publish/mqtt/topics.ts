import { LstmdError } from '../../base/errors.js';

/** Topics of the device as a whole. */
export interface DeviceTopics {
  /** Retained, and the last will: `online` or `offline`. */
  readonly status: string;
  /** Retained. */
  readonly health: string;
}

/** Topics of one stream. */
export interface StreamTopics {
  readonly prediction: string;
  readonly event: string;
  /** Retained. */
  readonly info: string;
}

/**
 * @param prefix one or more levels, such as `lstmd` or `plant/hall-3`
 * @throws LstmdError `config.invalid` naming what cannot be a topic
 */
export function deviceTopics(prefix: string, device: string): DeviceTopics {
  const base = deviceBase(prefix, device);
  return { status: `${base}/status`, health: `${base}/health` };
}

/** @throws LstmdError `config.invalid` naming what cannot be a topic */
export function streamTopics(prefix: string, device: string, stream: string): StreamTopics {
  checkLevel('stream', stream);
  // `<device>/cmd/<name>` is where commands arrive.
  if (stream === 'cmd') {
    throw invalid('stream', stream, 'that name is taken by commands');
  }
  const base = `${deviceBase(prefix, device)}/${stream}`;
  return { prediction: `${base}/prediction`, event: `${base}/event`, info: `${base}/info` };
}

/** Where the records of a stream's topic go once they have waited on disk. */
export function historyTopic(topic: string): string {
  return `${topic.slice(0, topic.lastIndexOf('/'))}/history`;
}

function deviceBase(prefix: string, device: string): string {
  for (const level of prefix.split('/')) {
    checkLevel('prefix', level);
  }
  // MQTT 4.7.2: topics that begin with $ belong to the broker.
  if (prefix.startsWith('$')) {
    throw invalid('prefix', prefix, 'a topic must not begin with $');
  }
  checkLevel('device', device);
  return `${prefix}/${device}`;
}

function checkLevel(what: string, level: string): void {
  if (level === '') {
    throw invalid(what, level, 'a topic level must not be empty');
  }
  if (/[+#/\0]/.test(level)) {
    throw invalid(what, level, 'a topic level must not hold +, #, / or NUL');
  }
}

function invalid(what: string, value: string, why: string): LstmdError {
  return new LstmdError('config.invalid', `${what} "${value}": ${why}`);
}
