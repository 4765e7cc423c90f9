import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configSchema } from '#src/agent/config-schema.js';
import { clockFinding } from '#src/commands/doctor/clock-finding.js';
import { findingText } from '#src/commands/doctor/finding.js';
import { linkRemedy } from '#src/commands/doctor/link-remedy.js';
import { mediumFindings } from '#src/commands/doctor/medium-findings.js';
import { modelFiles, sharedFiles } from '#src/commands/doctor/served-files.js';
import { unitOf, type Service } from '#src/commands/doctor/service.js';
import { serviceFindings } from '#src/commands/doctor/service-findings.js';
import type { Medium } from '#src/platform/medium.js';
import { testFolder } from '../../support/daemon.js';

const today = Date.UTC(2026, 10, 29);

describe('the clock', () => {
  test('is good where a time server has set it', () => {
    const found = clockFinding({ isSynchronized: true, batteryClocks: ['rtc0'] }, today);
    assert.equal(found.verdict, 'ok');
    assert.match(found.detail, /synchronised .*battery clock rtc0/);
  });

  test('is doubted where nothing confirms it, and where it is of 1970, with the way out', () => {
    const doubted = clockFinding({ isSynchronized: false, batteryClocks: [] }, today);
    assert.match(findingText(doubted), /no battery clock.*: sudo timedatectl set-ntp true/);
    const early = clockFinding({ isSynchronized: true, batteryClocks: [] }, 3_600_000);
    assert.equal(early.verdict, 'warning');
    assert.match(early.detail, /1970-01-01T01:00:00.000Z, which cannot be/);
  });
});

describe('the medium', () => {
  const card: Medium = {
    fileSystem: 'ext4',
    disk: 'mmcblk0',
    kind: 'SD card',
    freeBytes: 5e9,
    wornPercent: null,
    writtenBytes: 1.5e12,
    errors: 0,
  };

  function texts(medium: Partial<Medium>, outboxBytes = 128e6): string[] {
    return mediumFindings('/var/lib/lstmd', { ...card, ...medium }, outboxBytes).map(
      (finding) => `${finding.what} ${finding.verdict} ${findingText(finding)}`,
    );
  }

  test('is named, with what it tells of itself', () => {
    assert.deepEqual(texts({}), [
      'state directory ok /var/lib/lstmd on mmcblk0 (SD card, ext4), 5.0 GB free',
      'disk ok mmcblk0: an SD card does not tell its wear, 1500.0 GB written since it was formatted',
    ]);
  });

  for (const [name, medium, expected] of [
    [
      'is in memory',
      { fileSystem: 'tmpfs', disk: null },
      /^state directory warning .*a reboot empties it/,
    ],
    ['goes with a container', { fileSystem: 'overlay', disk: null }, /warning .*mount a volume/],
    ['is on the network', { fileSystem: 'nfs4', disk: null }, /warning .*while the network is/],
    [
      'has no room for the records that wait',
      { freeBytes: 1e8 },
      /warning .* 100 MB free: .*mqtt.outbox.maxBytes/,
    ],
    ['has errors', { errors: 2 }, /disk warning .*2 errors of the file system.*fsck/],
    ['is nearly used up', { kind: 'eMMC', wornPercent: 90 }, /disk warning .*90 % .*: back it up/],
    ['is used up', { kind: 'eMMC', wornPercent: 110 }, /disk warning .*its life is used up/],
  ] as const) {
    test(`is warned of where it ${name}`, () => {
      assert.match(texts(medium).join('\n'), new RegExp(expected.source, 'm'));
    });
  }
});

async function serviceTexts(
  of: Service | null,
  hosts: readonly string[] = [],
  files: readonly string[] = [],
): Promise<string> {
  const served = files.map((path) => ({ path }));
  const findings = await serviceFindings(of, hosts, served);
  return findings.map((each) => `${each.what} ${each.verdict} ${findingText(each)}`).join('\n');
}

test('the way out at the broker of a sensor names the options of that sensor', async () => {
  for (const [message, fix] of [
    ['its certificate is signed by itself [DEPTH_ZERO_SELF_SIGNED_CERT]', /in sensor\.mqtt\.ca$/],
    [
      'the certificate of sensor.mqtt.cert was revoked',
      /in sensor\.mqtt\.cert and sensor\.mqtt\.key$/,
    ],
    [
      'not authorized: look at sensor.mqtt.username and passwordFile',
      /^set sensor\.mqtt\.username/,
    ],
    ['nothing listens there [ECONNREFUSED]', /in sensor\.link$/],
  ] as const) {
    assert.match(await linkRemedy('mqtts://broker/imu', message), fix);
  }
});

/** Returns how systemd hands a secret over that the service's user cannot read. */
function handOver(option: string, name: string, path: string): string {
  return `${path} is closed to the service's own user: sudo systemctl edit lstmd.service, with [Service] and LoadCredential=${name}:${path}, and ${option}: /run/credentials/lstmd.service/${name} in the configuration`;
}

describe('the service', () => {
  const service: Service = {
    unit: 'lstmd.service',
    isEnabled: true,
    activity: 'active',
    exposure: 1.2,
    reachable: ['127.0.0.0/8', '::1/128'],
  };

  test('is that of the configuration', () => {
    assert.equal(unitOf(undefined), 'lstmd.service');
    assert.equal(unitOf('/etc/lstmd/lstmd.yaml'), 'lstmd.service');
    assert.equal(unitOf('/etc/lstmd/press.yaml'), 'lstmd@press.service');
    assert.equal(unitOf('/home/me/press.yaml'), 'lstmd.service');
  });

  test('is good as it is shipped, with a broker on this machine', async () => {
    assert.equal(
      await serviceTexts(service, ['127.0.0.1', '::1']),
      'service ok lstmd.service is active, enabled, exposure 1.2 of 10',
    );
  });

  test('says what to do where it is absent, not enabled, failed or loosened', async () => {
    assert.match(await serviceTexts(null), /service missing .*docs\/install\.md/);
    assert.match(
      await serviceTexts({ ...service, isEnabled: false }),
      /sudo systemctl enable --now lstmd/,
    );
    assert.match(
      await serviceTexts({ ...service, activity: 'failed' }),
      /warning .*journalctl -b -u/,
    );
    assert.match(await serviceTexts({ ...service, exposure: 4.1 }), /warning .*systemctl cat/);
  });

  test('says which hosts it may not reach', async () => {
    assert.match(
      await serviceTexts(service, ['192.0.2.7']),
      /network warning .*may not reach 192\.0\.2\.7 .*IPAddressAllow=192\.0\.2\.7$/m,
    );
    assert.doesNotMatch(
      await serviceTexts({ ...service, reachable: ['192.0.2.0/24'] }, ['192.0.2.7']),
      /network/,
    );
    assert.doesNotMatch(
      await serviceTexts({ ...service, reachable: undefined }, ['192.0.2.7']),
      /network/,
    );
  });

  test('says which files and folders are closed to its own user, and how they are handed over', async (t) => {
    const folder = testFolder(t);
    chmodSync(folder, 0o755);
    const [model, secret, inner] = ['m.keras', 'password', 'inner'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    mkdirSync(inner, { mode: 0o700 });
    for (const [path, mode] of [
      [model, 0o640],
      [secret, 0o600],
      [join(inner, 'm.keras'), 0o644],
    ] as const) {
      writeFileSync(path, '', { mode });
    }
    const files = [
      { path: model },
      { path: join(inner, 'm.keras') },
      { path: secret, option: 'mqtt.passwordFile', credential: 'mqtt-password' },
    ];
    const texts = async (): Promise<string[]> =>
      (await serviceFindings(service, [], files)).slice(1).map(findingText);
    assert.deepEqual(await texts(), [
      `${model} is closed to the service's own user: sudo chmod a+r "${model}"`,
      `${inner} is closed to the service's own user: sudo chmod a+x "${inner}"`,
      `${secret} is closed to the service's own user: sudo systemctl edit lstmd.service, with [Service] and LoadCredential=mqtt-password:${secret}, and no mqtt.passwordFile in the configuration`,
    ]);
    chmodSync(model, 0o644);
    chmodSync(inner, 0o711);
    chmodSync(secret, 0o644);
    assert.deepEqual(await texts(), []);
  });

  test('looks at all files that a model section names', () => {
    const { streams } = configSchema.parse({
      mqtt: { url: 'mqtt://127.0.0.1' },
      streams: {
        s: {
          sensor: { decoder: 'csv', link: '/dev/ttyUSB0', rateHz: 26 },
          model: {
            file: 'm.keras',
            mode: 'continuous',
            verify: 'case.json',
            heads: { a: { score: { metric: 'mahalanobis', distribution: 'errors.json' } } },
            drift: { reference: 'reference.json' },
          },
        },
      },
    });
    const paths = Object.values(streams).flatMap(({ model }) => modelFiles(model));
    assert.deepEqual(
      paths.map(({ path }) => path),
      ['m.keras', 'case.json', 'reference.json', 'errors.json'],
    );
  });

  test('looks at the files of sensors at brokers, of the token and of models to come', async (t) => {
    const folder = testFolder(t);
    chmodSync(folder, 0o755);
    const models = join(folder, 'models');
    mkdirSync(models, { mode: 0o700 });
    const paths = [
      join(models, 'a.keras'),
      join(folder, 'password'),
      join(folder, 'token'),
    ] as const;
    for (const path of paths) {
      writeFileSync(path, '', { mode: 0o600 });
    }
    const [model, password, token] = paths;
    const config = configSchema.parse({
      mqtt: { url: 'mqtt://b' },
      monitoring: { listen: '0.0.0.0:9464', tokenFile: token },
      commands: { allow: ['reload'], modelDirectory: models },
      streams: {
        s: {
          sensor: {
            link: 'mqtt://b/imu',
            rateHz: 26,
            mqtt: { username: 'u', passwordFile: password },
          },
          model: { file: 'm.keras', mode: 'continuous' },
        },
      },
    });
    const files = await sharedFiles(config);
    const texts = async (): Promise<string[]> =>
      (await serviceFindings(service, [], files)).slice(1).map(findingText);
    assert.deepEqual(await texts(), [
      handOver('monitoring.tokenFile', 'monitoring-tokenFile', token),
      `${models} is closed to the service's own user: sudo chmod a+x "${models}"`,
      `${models} is closed to the service's own user: sudo chmod a+x "${models}"`,
      handOver('sensor.mqtt.passwordFile', 'sensor-mqtt-passwordFile', password),
    ]);
    chmodSync(models, 0o755);
    assert.ok(
      (await texts()).includes(
        `${model} is closed to the service's own user: sudo chmod a+r "${model}"`,
      ),
    );
  });

  test('says which files it does not see', async () => {
    assert.match(
      await serviceTexts(service, [], ['/home/me/m.keras', '/etc/lstmd/m.keras']),
      /service warning \/home\/me\/m\.keras is hidden.*sudo cp/,
    );
  });
});
