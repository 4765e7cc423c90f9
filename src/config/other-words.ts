/**
 * The words that users of other programs bring along, by the section in which they write them: what is meant is
 * called otherwise here, or stands elsewhere, or must not be in the file.
 */

const secret =
  'did you mean "passwordFile"? A password is never in the configuration itself, which is shown and copied: put it into a file of its own';

const broker: Readonly<Record<string, string>> = {
  password: secret,
  passwd: secret,
  pass: secret,
  pwd: secret,
  secret,
  user: 'did you mean "username"?',
  login: 'did you mean "username"?',
  host: 'did you mean "url"? It is mqtt://host:port',
  hostname: 'did you mean "url"? It is mqtt://host:port',
  broker: 'did you mean "url"? It is mqtt://host:port',
  server: 'did you mean "url"? It is mqtt://host:port',
  address: 'did you mean "url"? It is mqtt://host:port',
  uri: 'did you mean "url"? It is mqtt://host:port',
  port: 'the port is part of "url": mqtt://host:port',
  tls: 'a connection with TLS has mqtts:// in "url", and "ca" for an authority of your own',
  ssl: 'a connection with TLS has mqtts:// in "url", and "ca" for an authority of your own',
  insecure: 'a broker that cannot be trusted is not published to: give its authority in "ca"',
  cafile: 'did you mean "ca"?',
  cacert: 'did you mean "ca"?',
  certfile: 'did you mean "cert"?',
  keyfile: 'did you mean "key"?',
  topic: 'topics are <prefix>/<device>/<stream>/...: did you mean "prefix"?',
  topicprefix: 'did you mean "prefix"?',
  basetopic: 'did you mean "prefix"?',
  version: 'did you mean "protocol"?',
};

const sensor: Readonly<Record<string, string>> = {
  port: 'did you mean "link"?',
  device: 'did you mean "link"?',
  path: 'did you mean "link"?',
  tty: 'did you mean "link"?',
  url: 'did you mean "link"?',
  bps: 'did you mean "baudRate"?',
  bitrate: 'did you mean "baudRate"?',
  hz: 'did you mean "rateHz"?',
  fs: 'did you mean "rateHz"?',
  freq: 'did you mean "rateHz"?',
  frequency: 'did you mean "rateHz"?',
  samplerate: 'did you mean "rateHz"?',
  samplinghz: 'did you mean "rateHz"?',
  format: 'did you mean "decoder"?',
  parser: 'did you mean "decoder"?',
  type: 'did you mean "decoder"?',
  channels: 'did you mean "axes"?',
  delimiter: 'did you mean "separator"?',
  sep: 'did you mean "separator"?',
  header: 'a header row is read wherever it comes: delete it',
};

const sections: readonly (readonly [RegExp, Readonly<Record<string, string>>])[] = [
  [/^mqtt$/, broker],
  [/^streams\.[^.]*\.sensor\.mqtt$/, broker],
  [/^streams\.[^.]*\.sensor$/, sensor],
  [
    /^streams\.[^.]*\.model$/,
    {
      path: 'did you mean "file"?',
      model: 'did you mean "file"?',
      classes: 'did you mean "labels"?',
      names: 'did you mean "labels"?',
      timesteps: 'did you mean "window"? It is for a model that takes any number of steps',
      steps: 'did you mean "window"? It is for a model that takes any number of steps',
      backend: 'did you mean "engine"?',
      quantization: 'did you mean "weights"?',
      dtype: 'did you mean "weights"?',
      threshold: 'thresholds stand in publish.events: { label: ..., on: ..., off: ... }',
      outputs: 'did you mean "heads"?',
    },
  ],
  [
    /^streams\.[^.]*\.features$/,
    {
      offset: 'did you mean "mean"? It is subtracted',
      normalize: 'did you mean "mean" and "std"?',
      normalization: 'did you mean "mean" and "std"?',
      stddev: 'did you mean "std"?',
      sigma: 'did you mean "std"?',
      deviation: 'did you mean "std"?',
      variance: 'did you mean "std"? It is the square root of the variance',
    },
  ],
  [
    /^streams\.[^.]*\.publish$/,
    {
      threshold: 'did you mean "events"? They have { label: ..., on: ..., off: ... }',
      thresholds: 'did you mean "events"? They have { label: ..., on: ..., off: ... }',
      topic: 'topics are <prefix>/<device>/<stream>/...: see mqtt.prefix',
      qos: 'it is one of mqtt: move it there',
      retain: 'predictions are not retained: see the topics in the README',
      interval: 'did you mean "every"? It counts predictions',
    },
  ],
  [
    /^streams\.[^.]*\.publish\.events\[\d+\]$/,
    {
      threshold:
        'an event has two thresholds, "on" and "off", so that noise between them changes nothing',
      name: 'did you mean "label", of a probability, or "event", of any other number?',
      hysteresis: 'an event has two thresholds, "on" and "off"',
    },
  ],
  [
    /^streams\.[^.]*\.state$/,
    {
      directory: 'the directory of all streams is "stateDirectory", at the top',
      dir: 'the directory of all streams is "stateDirectory", at the top',
      path: 'the directory of all streams is "stateDirectory", at the top',
      interval: 'did you mean "checkpointSeconds"?',
      saveseconds: 'did you mean "checkpointSeconds"?',
      gap: 'did you mean "onGap"?',
    },
  ],
  [
    /^$/,
    {
      broker: 'did you mean "mqtt"?',
      sensors: 'did you mean "streams"? A stream has a sensor and a model',
      name: 'did you mean "device"?',
      hostname: 'did you mean "device"?',
      logging: 'did you mean "log"?',
      state: 'the directory is "stateDirectory"; the rest stands in each stream, in its "state"',
      password: secret,
    },
  ],
];

/**
 * Finds the option that somebody means who writes one that there is not.
 *
 * @param section its path as text, such as `streams.a.sensor`
 */
export function otherWord(section: string, option: string): string | undefined {
  const word = option.toLowerCase().replaceAll(/[-_ ]/g, '');
  const words = sections.find(([pattern]) => pattern.test(section))?.[1];
  return words !== undefined && Object.hasOwn(words, word) ? words[word] : undefined;
}
