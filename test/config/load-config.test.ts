import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { preparePublisher } from '#src/agent/prepared-publisher.js';
import { configSchema } from '#src/agent/config-schema.js';
import { loadConfig } from '#src/config/load-config.js';
import { LstmdError } from '#src/base/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'lstmd-config-'));
after(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'lstmd.yaml');
  writeFileSync(path, text);
  return path;
}

async function faultsOf(text: string, environment: Record<string, string> = {}): Promise<string> {
  try {
    await loadConfig(configSchema, file(text), environment);
  } catch (error) {
    assert.ok(error instanceof LstmdError);
    assert.equal(error.code, 'config.invalid');
    assert.equal(error.exitCode, 78);
    return error.message;
  }
  return assert.fail('the configuration was accepted');
}

const good = `
device: press-07
mqtt: { url: "mqtt://broker:1883" }
streams:
  spindle:
    sensor: { link: tty0, rateHz: 26 }
    model: { file: model.keras, mode: continuous, labels: [running] }
`;

/** A configuration whose sensor publishes to a broker, with these options of `sensor.mqtt`. */
function atBroker(mqtt: string, scheme = 'mqtts'): string {
  return good.replace('link: tty0', `link: "${scheme}://b/imu", mqtt: { ${mqtt} }`);
}

describe('loadConfig', () => {
  test('fills in every default and takes paths from the folder of the file', async () => {
    const { config } = await loadConfig(configSchema, file(good), {});
    const { spindle } = config.streams;
    assert.equal(config.device, 'press-07');
    assert.equal((await preparePublisher(config)).qos, 1);
    assert.equal(spindle?.sensor.link, join(folder, 'tty0'));
    assert.equal(spindle.model.file, join(folder, 'model.keras'));
    assert.deepEqual(spindle.state, {
      checkpointSeconds: 30,
      maxAgeSeconds: 600,
      onGap: { maxMs: 1000, then: 'reset' },
    });
    assert.ok(Object.isFrozen(spindle.state.onGap));
  });

  test('reports every fault at once, each with its line and path', async () => {
    const message = await faultsOf(`device: press/07
mqtt:
  url: http://broker
  prot: 5
streams:
  spindle:
    sensor: { link: /dev/ttyUSB0, bauRate: 9600, rateHz: fast }
    model:
      mode: slidding
    publish: { events: [{ label: a, on: 0.2, off: 0.6 }] }
`);
    assert.match(message, /has 8 faults/);
    assert.match(message, /line 1: device: must not hold/);
    assert.match(message, /line 3: mqtt\.url: must be mqtt:/);
    assert.match(message, /line 4: mqtt\.prot: is not an option here/);
    assert.match(message, /line 7: streams\.spindle\.sensor\.bauRate: .*did you mean "baudRate"\?/);
    assert.match(message, /line 7: streams\.spindle\.sensor\.rateHz: /);
    assert.match(message, /line 9: streams\.spindle\.model\.file: is missing/);
    assert.match(message, /line 9: streams\.spindle\.model\.mode: .*"sliding"/);
    assert.match(
      message,
      /line 10: streams\.spindle\.publish\.events\[0\]: `off` must not be above/,
    );
  });

  test('checks what only the options together can tell', async () => {
    const message = await faultsOf(`
mqtt: { url: "mqtts://broker", cert: client.pem, passwordFile: secret }
streams:
  spindle:
    sensor: { link: tty0, rateHz: 26, columns: [1, 2] }
    state: { checkpointSeconds: never }
    features: { mean: [0, 0] }
    model: { file: m.keras, mode: continuous, stride: 2, labels: [running], weights: auto }
    publish: { events: [{ label: walking, on: 0.8, off: 0.6 }] }
`);
    assert.match(message, /has 8 faults/);
    assert.match(message, /sensor\.columns: must have one entry an axis: 3, not 2/);
    assert.match(message, /features\.mean: must have one entry an axis/);
    assert.match(message, /model\.stride: only means something in mode sliding/);
    assert.match(message, /model\.weights: auto needs model\.verify/);
    assert.match(message, /"walking" is not among model\.labels: running/);
    assert.match(message, /mqtt\.key: is missing: cert and key go together/);
    assert.match(message, /mqtt\.username: is missing: passwordFile needs it/);
  });

  test('says what a value must be in the words of all other faults', async () => {
    const bad = good
      .replace('rateHz: 26', 'rateHz: 0, axes: [], maxStreams: 99999')
      .replace('labels: [running]', 'window: 2.5, scale: abc, verify: "", labels: yes');
    const message = await faultsOf(`healthSeconds: never\n${bad}`);
    for (const words of [
      'healthSeconds: must be a number, not "never"',
      'sensor.rateHz: must be above 0',
      'sensor.axes: must have at least 1 entry',
      'sensor.maxStreams: must be at most 4096',
      'model.window: must be a whole number, not 2.5',
      'model.scale: must be a number or a list, not "abc"',
      'model.verify: must not be empty',
      'model.labels: must be a list, not "yes"',
    ]) {
      assert.ok(message.includes(words), message);
    }
  });

  test('keeps the words that an option has of its own, and names keys in the words of all', async () => {
    const message = await faultsOf(`
mqtt: { url: "mqtt://broker" }
streams:
  a: { sensor: { link: "mqtt://b/imu", rateHz: 26, shard: { number: 3, of: 2 } }, model: { file: m.keras, mode: continuous } }
  "b+": { sensor: { link: tty0, rateHz: 26 }, model: { file: m.keras, mode: continuous } }
`);
    assert.match(message, /streams\.a\.sensor\.shard\.number: must not be above of/);
    assert.match(message, /streams\.b\+: the name must not/);
  });

  test('asks of the secrets of a sensor at a broker that they go together', async () => {
    const message = await faultsOf(atBroker('cert: c.pem, passwordFile: secret'));
    assert.match(message, /has 2 faults/);
    assert.match(message, /sensor\.mqtt\.key: is missing: sensor\.mqtt\.cert goes with it/);
    assert.match(
      message,
      /sensor\.mqtt\.username: is missing: sensor\.mqtt\.passwordFile needs it/,
    );
    assert.match(
      await faultsOf(atBroker('ca: ca.pem', 'mqtt')),
      /sensor\.link: is not encrypted, yet there is sensor\.mqtt\.ca: mqtts:/,
    );
  });

  test('has the options of reload go with reload alone', async () => {
    const message = await faultsOf(
      `${good}commands: { allow: [info], modelDirectory: models, maxModelBytes: 1000 }\n`,
    );
    assert.match(message, /commands\.modelDirectory: is only for reload/);
    assert.match(message, /commands\.maxModelBytes: is only for reload/);
  });

  test('holds the steps of features to each other, with their lines', async () => {
    const message = await faultsOf(`
mqtt: { url: "mqtts://broker" }
streams:
  spindle:
    sensor: { link: tty0, rateHz: 26 }
    features:
      std: [1, 2]
      steps:
        - { step: magnitude }
        - { step: axes, order: [magnitude, x] }
        - { step: highPass, cutoffHz: 13 }
    model: { file: m.keras, mode: continuous }
  other:
    sensor: { link: tty1, rateHz: 26 }
    features:
      mean: [1, 2]
      steps:
        - { step: magnitude }
        - { step: axes, order: [magnitude] }
    model: { file: m.keras, mode: continuous }
  third:
    sensor: { link: tty2, rateHz: 26 }
    features: { steps: [{ step: magnitud }, { step: clip, mn: 2, max: 1 }] }
    model: { file: m.keras, mode: continuous }
`);
    assert.match(message, /has 4 faults/);
    assert.match(
      message,
      /line 11: streams\.spindle\.features\.steps\[2\]\.cutoffHz: must be below half of the rate, 13 Hz/,
    );
    assert.match(message, /line 16: streams\.other\.features\.mean: .* for magnitude: 1, not 2/);
    assert.match(message, /steps\[0\]\.step: must be one of "axes", "turn"/);
    assert.match(message, /steps\[1\]\.mn: is not an option here; did you mean "min"\?/);
  });

  test('reports a bad column once, and asks no further about it', async () => {
    const columns = good.replace('rateHz: 26', 'rateHz: 26, columns: [-1, 0]');
    const message = await faultsOf(columns);
    assert.match(message, /has a fault:\n.*sensor\.columns\[0\]: must be at least 0/);
  });

  test('names the line and column of a YAML mistake', async () => {
    assert.match(await faultsOf('mqtt: { url: "mqtt://a"\nstreams: {}\n'), /line 2, column 1/);
  });

  test('lets the environment override the file, typed as YAML', async () => {
    const { config } = await loadConfig(configSchema, file(good), {
      LSTMD_MQTT_URL: 'mqtt://elsewhere:1884',
      LSTMD_STREAMS_SPINDLE_SENSOR_RATE_HZ: '52',
      LSTMD_STREAMS_SPINDLE_MODEL_LABELS: '[walking]',
      LSTMD_SIMD: 'scalar',
    });
    assert.match(JSON.stringify(config), /"mqtt":\{"url":"mqtt:\/\/elsewhere:1884"/);
    assert.equal(config.streams['spindle']?.sensor.rateHz, 52);
    assert.deepEqual(config.streams['spindle'].model.labels, ['walking']);
  });

  test('takes the state directory from the folder of the file, as every path', async () => {
    for (const [line, directory] of [
      ['', 'state'],
      ['stateDirectory: kept/here', 'kept/here'],
    ] as const) {
      const { config } = await loadConfig(configSchema, file(`${good}${line}\n`), {});
      assert.equal(config.stateDirectory, join(folder, directory));
    }
  });

  test('refuses what could never give a sample', async () => {
    const message = await faultsOf(`
mqtt: { url: "mqtt://a" }
streams:
  a:
    sensor: { link: tty0, rateHz: 26, axes: [x, y, x], columns: [1, 1, 1] }
    features: { min: 3, max: 2 }
    model: { file: m.keras, mode: continuous }
  b:
    sensor: { link: ./tty0, rateHz: 26 }
    model: { file: m.keras, mode: continuous }
`);
    assert.match(message, /has 4 faults/);
    assert.match(message, /a\.sensor\.axes: must not name an axis twice/);
    assert.match(message, /a\.sensor\.columns: must name another field for each axis/);
    assert.match(message, /a\.features\.min: must not be above max \(2\)/);
    assert.match(message, /b\.sensor\.link: .*tty0 is read by stream a already/);
  });

  test('knows which variable is meant', async () => {
    for (const [variable, meant] of [
      ['LSTMD_MQTT_PASWORD', 'LSTMD_MQTT_PASSWORD_FILE'],
      ['LSTMD_MQTT_PASWORD', 'LSTMD_MQTT_PASSWORD_FILE'],
      ['LSTMD_HEALTHSECONDS', 'LSTMD_HEALTH_SECONDS'],
      ['LSTMD_STREAMS_SPINDLE_SENSOR_BAUD', 'LSTMD_STREAMS_SPINDLE_SENSOR_BAUD_RATE'],
    ] as const) {
      await assert.rejects(loadConfig(configSchema, file(good), { [variable]: 'x' }), {
        message: new RegExp(`${variable} names no option; did you mean "${meant}"\\?`),
      });
    }
  });

  test('knows what is meant by the words of other programs, and where an option belongs', async () => {
    const message = await faultsOf(`
mqtt:
  url: "mqtt://a"
  pasword: x
  pass: x
  host: a
  caFile: a.pem
  maxBytes: 5
  clientid: me
state: ./here
healthSecs: 5
streams:
  a:
    rateHz: 26
    sensor: { link: tty0, rateHz: 26, port: tty1, sample_rate: 5, passwordFile: x, labels: [a] }
    features: { offset: 3, stddev: 2 }
    model: { file: m.keras, mode: continuous, classes: [run], threshold: 0.5, checkpointSeconds: 5 }
    state: { maxMs: 5 }
    publish: { events: [{ label: a, on: 1, off: 0, threshold: 0.5 }], qos: 1 }
`);
    for (const [option, advice] of [
      ['mqtt.pasword', 'did you mean "passwordFile"? A password is never'],
      ['mqtt.pass', 'did you mean "passwordFile"? A password is never'],
      ['mqtt.host', 'did you mean "url"? It is mqtt://host:port'],
      ['mqtt.caFile', 'did you mean "ca"?'],
      ['mqtt.maxBytes', 'it is one of mqtt.outbox: move it there'],
      ['mqtt.clientid', 'did you mean "clientId"?'],
      ['state', 'the directory is "stateDirectory"'],
      ['healthSecs', 'did you mean "healthSeconds"?'],
      ['streams.a.rateHz', 'it is one of streams.a.sensor: move it there'],
      ['streams.a.sensor.port', 'did you mean "link"?'],
      ['streams.a.sensor.sample_rate', 'did you mean "rateHz"?'],
      ['streams.a.sensor.passwordFile', 'it is one of streams.a.sensor.mqtt: move it there'],
      ['streams.a.sensor.labels', 'it is one of streams.a.model: move it there'],
      ['streams.a.features.offset', 'did you mean "mean"?'],
      ['streams.a.features.stddev', 'did you mean "std"?'],
      ['streams.a.model.classes', 'did you mean "labels"?'],
      ['streams.a.model.threshold', 'thresholds stand in publish.events'],
      ['streams.a.model.checkpointSeconds', 'it is one of streams.a.state: move it there'],
      ['streams.a.state.maxMs', 'it is one of streams.a.state.onGap: move it there'],
      ['streams.a.publish.events[0].threshold', 'an event has two thresholds'],
      ['streams.a.publish.qos', 'it is one of mqtt: move it there'],
    ] as const) {
      assert.ok(
        message.includes(`: ${option}: is not an option here; ${advice}`),
        `${option}\n${message}`,
      );
    }
  });

  test('lists the choices, and says of what is not there that it is missing', async () => {
    const message = await faultsOf(`
mqtt: { url: "mqtt://a", qos: 3, protocol: 6, password: x }
streams:
  a:
    sensor: { link: tty0, rateHz: 26, baud: 9600 }
    features: { scale: big, mean: [0, up, 0] }
    model: { file: m.keras }
    publish:
  b:
`);
    assert.match(message, /mqtt\.qos: must be one of 0, 1, 2, not 3/);
    assert.match(message, /mqtt\.protocol: must be one of "5", "3\.1\.1", not 6/);
    assert.match(message, /mqtt\.password: .*did you mean "passwordFile"\?/);
    assert.match(message, /sensor\.baud: .*did you mean "baudRate"\?/);
    assert.match(message, /features\.scale: must be a number or a list, not /);
    assert.match(message, /features\.mean\[1\]: must be a number, not /);
    assert.match(message, /model\.mode: is missing \(one of "continuous", "sequence", "sliding"\)/);
    assert.match(message, /streams\.b: is missing \(object\)/);
    assert.doesNotMatch(message, /invalid (input|option)$/m);
  });

  test('names the environment variable of a value that cannot be', async () => {
    const message = await faultsOf(good, {
      LSTMD_MQTT_QOS: '7',
      LSTMD_LOG_LEVEL: '[',
      LSTMD_STREAMS_SPINDLE_SENSOR_AXES: '[x, y, 3]',
    });
    assert.match(message, /environment variable LSTMD_MQTT_QOS: mqtt\.qos: must be one of 0, 1, 2/);
    assert.match(message, /environment variable LSTMD_LOG_LEVEL: log\.level: is no YAML/);
    assert.match(message, /environment variable LSTMD_STREAMS_SPINDLE_SENSOR_AXES: .*axes\[2\]: /);
  });

  test('refuses an environment variable that names no option', async () => {
    assert.match(
      await faultsOf(good, { LSTMD_MQTT_URLL: 'mqtt://x' }),
      /LSTMD_MQTT_URLL names no option; did you mean "LSTMD_MQTT_URL"\?/,
    );
  });

  test('says which file it cannot read', async () => {
    await assert.rejects(loadConfig(configSchema, join(folder, 'absent.yaml'), {}), {
      code: 'config.unreadable',
      message: /absent\.yaml/,
    });
  });
});
