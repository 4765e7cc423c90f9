import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { Certificates, needsOpenssl } from '../support/certificates.js';
import { runCommand } from '../support/command.js';
import { Daemon, testFolder, writeConfig, type Exit } from '../support/daemon.js';

const skip = needsBroker() || needsOpenssl();

/** Writes Mosquitto's password file, and returns its configuration with it. */
function withPassword(broker: Broker, password: string): string {
  const file = join(broker.directory, 'passwords');
  execFileSync('mosquitto_passwd', ['-b', '-c', file, 'edge', password]);
  return `allow_anonymous false\npassword_file ${file}`;
}

async function createBroker(t: TestContext): Promise<Broker> {
  const broker = await Broker.create();
  t.after(() => broker.remove());
  return broker;
}

describe('secrets that others renew', { skip, timeout: 300_000 }, () => {
  test('a new password is used at the next connection, without a restart', async (t) => {
    const broker = await createBroker(t);
    const folder = testFolder(t);
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'first\n');
    await broker.start(withPassword(broker, 'first'));
    const config = writeConfig({ folder, brokerUrl: broker.url, link: '/dev/ttyNone' });
    const daemon = new Daemon(t, config, {
      LSTMD_MQTT_USERNAME: 'edge',
      LSTMD_MQTT_PASSWORD_FILE: passwordFile,
    });
    await daemon.logged(/^connected to the broker/);

    const from = daemon.lines.length;
    await broker.stop('SIGTERM');
    await broker.start(withPassword(broker, 'second'));
    await daemon.logged(/^no connection to the broker/, from);
    writeFileSync(passwordFile, 'second\n');
    await daemon.logged(/^connected to the broker/, from);
    assert.equal(await daemon.end(), 0, daemon.text);
    assert.doesNotMatch(daemon.text, /first|second/);
  });

  test('the four credentials of systemd are taken, and all of them rotate', async (t) => {
    const broker = await createBroker(t);
    const folder = testFolder(t);
    const credentials = join(folder, 'credentials');
    mkdirSync(credentials);
    const certificates = new Certificates(folder);
    /** Makes a new authority with certificates for both sides, and a password of the same name. */
    const rotate = (name: string): string => {
      certificates.makeAuthority(name);
      certificates.sign(`${name}-broker`, name, 'IP:127.0.0.1');
      certificates.sign(`${name}-edge`, name, 'DNS:edge');
      const file = (suffix: string): string => join(folder, `${name}${suffix}`);
      return [
        withPassword(broker, name),
        `cafile ${file('.crt')}`,
        `certfile ${file('-broker.crt')}`,
        `keyfile ${file('-broker.key')}`,
        'require_certificate true',
      ].join('\n');
    };
    const hand = (name: string): void => {
      writeFileSync(join(credentials, 'mqtt-password'), name);
      copyFileSync(join(folder, `${name}.crt`), join(credentials, 'mqtt-ca'));
      copyFileSync(join(folder, `${name}-edge.crt`), join(credentials, 'mqtt-cert'));
      copyFileSync(join(folder, `${name}-edge.key`), join(credentials, 'mqtt-key'));
    };
    await broker.start(rotate('old'));
    hand('old');
    const brokerUrl = `mqtts://127.0.0.1:${broker.port}`;
    const config = writeConfig({ folder, brokerUrl, link: '/dev/ttyNone' });
    const daemon = new Daemon(t, config, {
      LSTMD_MQTT_USERNAME: 'edge',
      CREDENTIALS_DIRECTORY: credentials,
    });
    await daemon.logged(/^connected to the broker/);

    const from = daemon.lines.length;
    await broker.stop('SIGTERM');
    await broker.start(rotate('new'));
    await daemon.logged(/^no connection to the broker/, from);
    // While they are renewed one by one, they do not belong together, or one is not there.
    rmSync(join(credentials, 'mqtt-key'));
    hand('new');
    await daemon.logged(/^connected to the broker/, from);
    assert.equal(await daemon.end(), 0, daemon.text);
  });
});

async function check(
  t: TestContext,
  env: Record<string, string>,
  url = 'mqtts://broker',
): Promise<Exit> {
  const folder = testFolder(t);
  const config = writeConfig({ folder, brokerUrl: url, link: '/dev/ttyNone' });
  return runCommand(['run', '--check', '-c', config], { env });
}

describe('secrets that cannot work', { skip }, () => {
  test('an option and a credential for the same secret are refused, with both names', async (t) => {
    const folder = testFolder(t);
    writeFileSync(join(folder, 'mqtt-password'), 'a');
    writeFileSync(join(folder, 'other'), 'b');
    const { code, stderr } = await check(t, {
      CREDENTIALS_DIRECTORY: folder,
      LSTMD_MQTT_USERNAME: 'edge',
      LSTMD_MQTT_PASSWORD_FILE: join(folder, 'other'),
    });
    assert.equal(code, 78);
    assert.match(stderr, /mqtt\.passwordFile: .* and the credential mqtt-password .* both given/);
  });

  test('what is no certificate, no key, or not of one pair is refused by its file', async (t) => {
    const folder = testFolder(t);
    const certificates = new Certificates(folder);
    certificates.makeAuthority('ours');
    certificates.makeAuthority('theirs');
    const garbage = join(folder, 'garbage.pem');
    writeFileSync(garbage, 'no certificate\n');
    const [cert, otherKey] = [join(folder, 'ours.crt'), join(folder, 'theirs.key')];
    for (const [env, words] of [
      [{ LSTMD_MQTT_CA: garbage }, /mqtt\.ca: [^ ]*garbage\.pem holds no PEM certificate/],
      [{ LSTMD_MQTT_CA: otherKey }, /mqtt\.ca: .* holds no PEM certificate/],
      [
        { LSTMD_MQTT_CERT: cert, LSTMD_MQTT_KEY: garbage },
        /mqtt\.key: [^ ]*garbage\.pem holds no PEM private key/,
      ],
      [
        { LSTMD_MQTT_CERT: cert, LSTMD_MQTT_KEY: otherKey },
        /mqtt\.cert: [^ ]* and mqtt\.key \(.*\) do not belong together/,
      ],
    ] as const) {
      const { code, stderr } = await check(t, { ...env });
      assert.equal(code, 78, stderr);
      assert.match(stderr, words);
    }
  });

  test('a file that is not there ends with 66, as every missing file does', async (t) => {
    const { code, stderr } = await check(t, { LSTMD_MQTT_CA: '/none/ca.pem' });
    assert.equal(code, 66, stderr);
    assert.match(stderr, /mqtt\.ca: \/none\/ca\.pem: no such file/);
  });

  test('a password without a username is refused', async (t) => {
    const folder = testFolder(t);
    writeFileSync(join(folder, 'mqtt-password'), 'a');
    const { code, stderr } = await check(t, { CREDENTIALS_DIRECTORY: folder }, 'mqtt://broker');
    assert.equal(code, 78);
    assert.match(stderr, /mqtt\.username: is missing: credential mqtt-password needs it/);
  });
});
