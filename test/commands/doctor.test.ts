import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { runCommand } from '../support/command.js';
import { runCli, testFolder, writeConfig } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';

interface Report {
  readonly ok: boolean;
  readonly findings: readonly { what: string; verdict: string; detail: string; fix?: string }[];
}

const setup = { brokerUrl: 'mqtt://127.0.0.1:1', link: '/dev/ttyNone' };

describe('lstmd doctor', () => {
  test('finds Node, the addon, every engine, and the streams of a configuration', async (t) => {
    const config = writeConfig({ ...setup, folder: testFolder(t) });
    const { code, stdout, stderr } = await runCommand(['doctor', '--json', '-c', config]);
    assert.equal(code, 0, stdout + stderr);
    const { ok, findings } = JSON.parse(stdout) as Report;
    assert.equal(ok, true);
    const verdicts = Object.fromEntries(findings.map(({ what, verdict }) => [what, verdict]));
    // These hang on the machine; what is said of each is tested in test/commands/doctor/.
    const { clock, service, disk, 'state directory': directory, ...others } = verdicts;
    assert.match(clock ?? '', /^(ok|warning)$/);
    assert.match(directory ?? '', /^(ok|warning)$/);
    assert.match(`${service ?? 'ok'} ${disk ?? 'ok'}`, /^(ok|missing|warning) (ok|warning)$/);
    assert.deepEqual(others, {
      Node: 'ok',
      addon: 'ok',
      'engine native': 'ok',
      'engine reference': 'ok',
      'engine tfjs': 'ok',
      configuration: 'ok',
      broker: 'missing',
      'sensor wearer': 'missing',
      'stream wearer': 'ok',
    });
  });

  test('tells a TensorFlow.js that is broken from one that is missing, with the cause', async (t) => {
    const folder = testFolder(t);
    const library = join(folder, '@tensorflow/tfjs-node');
    mkdirSync(library, { recursive: true });
    writeFileSync(join(library, 'index.js'), 'throw new Error("libtensorflow.so.2: not found");');
    const { code, stdout } = await runCli(['doctor'], { env: { NODE_PATH: folder } });
    assert.equal(code, 0);
    assert.match(stdout, /engine tfjs +broken +.*libtensorflow\.so\.2: not found; .*npm rebuild/);
  });

  test('looks at the model that a command has put in the place of one that may be gone', async (t) => {
    const folder = testFolder(t);
    const running = projectFile('examples/running/running.keras');
    const config = writeConfig({ ...setup, folder });
    const gone = join(folder, 'gone.keras');
    writeFileSync(config, readFileSync(config, 'utf8').replace(running, gone));
    const { code: before } = await runCommand(['doctor', '-c', config]);
    assert.equal(before, 66);
    mkdirSync(join(folder, 'state'));
    const sha256 = createHash('sha256').update(readFileSync(running)).digest('hex');
    const configured = { file: gone, bytes: 1, modifiedMs: 1, sha256: null };
    const wearer = { file: running, sha256, atMs: 1, configured };
    const remember = (model: object): void =>
      writeFileSync(
        join(folder, 'state/reloaded.json'),
        JSON.stringify({ streams: { wearer: model } }),
      );
    remember(wearer);
    const { code, stdout } = await runCommand(['doctor', '-c', config]);
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /stream wearer +ok .*running\.keras, which the command reload put in the place/,
    );
    // Another file under that name does not run, and then it is the configured one that must.
    remember({ ...wearer, sha256: '0'.repeat(64) });
    const other = await runCommand(['doctor', '-c', config]);
    assert.equal(other.code, 66, other.stdout);
  });

  test('ends as run does where the model is not there', async (t) => {
    const folder = testFolder(t);
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      'mqtt: { url: "mqtt://x" }\nstreams: { a: { sensor: { link: /x, rateHz: 26 }, model: { file: none.keras, mode: continuous } } }\n',
    );
    const { code, stdout } = await runCommand(['doctor', '-c', config]);
    assert.equal(code, 66);
    assert.match(
      stdout,
      /configuration +fault +line 2: streams\.a\.model\.file: .*none\.keras.*: put the file/,
    );
  });

  test(
    'reaches the broker, and shows the first lines of the sensor',
    { skip: needsBroker() },
    async (t) => {
      const { broker, subscriber } = await Broker.withSubscriber(t);
      const pty = new TestPty(t);
      pty.port.plug();
      const sending = setInterval(() => pty.port.write(Buffer.from('900,-80,25\n')), 20);
      t.after(() => clearInterval(sending));
      const config = writeConfig({ folder: testFolder(t), brokerUrl: broker.url, link: pty.path });
      const { code, stdout } = await runCommand(['doctor', '-c', config]);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /broker +ok +mqtt:.* answers and lets us in/);
      assert.match(stdout, /sensor wearer +ok +.* sends .*"900,-80,25"/);
      assert.deepEqual(subscriber.received, []);
    },
  );

  test(
    'says what is in the way of the broker and of the sensor',
    { skip: needsBroker() },
    async (t) => {
      const broker = await Broker.start({ config: 'allow_anonymous false' });
      t.after(() => broker.remove());
      const pty = new TestPty(t);
      pty.port.plug();
      const config = writeConfig({ folder: testFolder(t), brokerUrl: broker.url, link: pty.path });
      const { code, stdout } = await runCommand(['doctor', '-c', config]);
      assert.equal(code, 0, stdout);
      assert.match(
        stdout,
        /broker +missing +.*does not let us in without a username: .*Not authorized.*: set mqtt\.username and/,
      );
      assert.match(stdout, /sensor wearer +missing +.* nothing came within 5 s: .*baudRate/);
    },
  );

  test('says that what the sensor sends is no sample, with the likely cause', async (t) => {
    const pty = new TestPty(t);
    pty.port.plug();
    const sending = setInterval(() => pty.port.write(Buffer.alloc(64, 0xf3)), 20);
    t.after(() => clearInterval(sending));
    const config = writeConfig({ ...setup, folder: testFolder(t), link: pty.path });
    const { code, stdout } = await runCommand(['doctor', '-c', config]);
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /sensor wearer +warning +.*no sample came of it within 5 s: .*lstmd detect/,
    );
  });

  test('gives the way out of whatever is not well, in one line', async (t) => {
    const folder = testFolder(t);
    const config = writeConfig({ ...setup, folder, link: '/dev' });
    const good = readFileSync(config, 'utf8');
    for (const [name, text] of [
      ['several.yaml', `nonsense: 1\n${good.replace(/running\.keras/, 'none.keras')}`],
      ['torn.yaml', 'device: ['],
      ['none.yaml', undefined],
    ] as const) {
      const path = join(folder, name);
      if (text !== undefined) {
        writeFileSync(path, text);
      }
      const { stdout } = await runCommand(['doctor', '--json', '-c', path]);
      const { ok, findings } = JSON.parse(stdout) as Report;
      assert.equal(ok, false);
      const bad = findings.filter(({ verdict }) => verdict !== 'ok');
      assert.ok(
        bad.some(({ what }) => what === 'configuration'),
        stdout,
      );
      for (const { fix } of bad) {
        assert.match(fix ?? '', /^.{10,}$/, stdout);
      }
    }
  });

  test('says what systemd tells of the service', async (t) => {
    const folder = testFolder(t);
    const answers = {
      systemctl:
        'LoadState=loaded\nUnitFileState=enabled\nActiveState=active\nIPAddressAllow=127.0.0.0/8 ::1/128\nIPAddressDeny=::/0 0.0.0.0/0',
      'systemd-analyze': '→ Overall exposure level for lstmd.service: 1.2 OK',
    };
    for (const [name, answer] of Object.entries(answers)) {
      writeFileSync(join(folder, name), `#!/bin/sh\ncat <<'.'\n${answer}\n.\n`, { mode: 0o755 });
    }
    const config = writeConfig({ ...setup, folder, brokerUrl: 'mqtt://192.0.2.7' });
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const { stdout } = await runCommand(['doctor', '-c', config], { env });
    assert.match(stdout, /service +ok +lstmd\.service is active, enabled, exposure 1\.2 of 10/);
    assert.match(
      stdout,
      /network +warning +.*may not reach 192\.0\.2\.7 .*IPAddressAllow=192\.0\.2\.7/,
    );
  });

  test('ends as run does where the state directory is a file', async (t) => {
    const folder = testFolder(t);
    writeFileSync(join(folder, 'state'), '');
    const config = writeConfig({ ...setup, folder });
    const { code, stdout } = await runCommand(['doctor', '-c', config]);
    assert.equal(code, 78);
    assert.match(stdout, /state directory +fault/);
  });
});

describe('lstmd doctor, of a link that does not open', () => {
  for (const [link, advice] of [
    ['/dev/ttyNone', /No such file or directory.*plug it in, or name its port.*"lstmd ports"/],
    ['tcp://127.0.0.1:9', /ECONNREFUSED.*start the server, or correct host and port/],
    ['tcp://none.invalid:9', /(ENOTFOUND|EAI_AGAIN).*correct the host/],
    ['rfc2217://127.0.0.1:9', /ECONNREFUSED.*start the server/],
    ['mqtt://127.0.0.1:9/a', /nothing listens there.*start the broker/],
    ['recording:/none.rec.gz', /no such file or directory.*name a file that "lstmd record" wrote/],
  ] as const) {
    test(`says what to do about it: ${link}`, async (t) => {
      const config = writeConfig({ ...setup, folder: testFolder(t), link: `"${link}"` });
      const { stdout } = await runCommand(['doctor', '-c', config]);
      assert.match(stdout, advice);
      assert.doesNotMatch(
        stdout.replaceAll(/plug it in.*ttyNone|ttyNone.*plug it in/g, ''),
        /plug it in/,
      );
    });
  }

  test('names the program that holds a port', async (t) => {
    const pty = new TestPty(t);
    pty.port.plug();
    const fd = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
    t.after(() => closeSync(fd));
    assert.equal(spawnSync('flock', ['-n', '3'], { stdio: [0, 1, 2, fd] }).status, 0);
    const config = writeConfig({ ...setup, folder: testFolder(t), link: pty.path });
    const { stdout } = await runCommand(['doctor', '-c', config]);
    assert.match(stdout, /sensor wearer +missing +.*Cannot lock.*"lstmd ports" names it/);
  });

  test('does not tell a folder to be plugged in', async (t) => {
    const config = writeConfig({ ...setup, folder: testFolder(t), link: '/dev' });
    const { code, stdout } = await runCommand(['doctor', '-c', config]);
    assert.equal(code, 78);
    assert.match(stdout, /port +fault +line \d+: .*\/dev is a folder: name the tty/);
    assert.doesNotMatch(stdout, /plug it in|sensor wearer/);
  });
});

describe('lstmd inspect', () => {
  test('says which engines run the model here', async () => {
    const { stdout } = await runCommand(['inspect', projectFile('examples/running/running.keras')]);
    assert.match(stdout, /native +runs \(/);
    assert.match(stdout, /reference +runs \(float64\)/);
    assert.match(stdout, /tfjs +runs \(@tensorflow\/tfjs/);
  });
});

describe('lstmd predict --engine tfjs', () => {
  test('gives what the native engine gives', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => `${n * 7},${1000 - n},${n % 9}`).join('\n');
    const model = projectFile('examples/running/running.keras');
    const args = ['predict', model, '--mode', 'continuous', '--scale', '0.001', '--input', '-'];
    const [tfjs = [], native = []] = await Promise.all(
      ['tfjs', 'native'].map(async (engine) => {
        const { code, stdout, stderr } = await runCommand([...args, '--engine', engine], {
          input: rows,
        });
        assert.equal(code, 0, stderr);
        return stdout
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as number[])[0] ?? Number.NaN);
      }),
    );
    assert.equal(tfjs.length, 20);
    for (const [n, value] of native.entries()) {
      assert.ok(Math.abs((tfjs[n] ?? Number.NaN) - value) < 1e-5);
    }
  });
});
