import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LstmdError } from '#src/base/errors.js';
import { writeDropIn } from '#src/commands/init/drop-in.js';
import { Broker, needsBroker } from '../../support/broker.js';
import { runCommand } from '../../support/command.js';
import { Daemon, testFolder } from '../../support/daemon.js';
import { projectFile } from '../../support/project.js';
import { simulate } from '../../support/simulated-sensor.js';

const model = projectFile('examples/running/running.keras');

test(
  'writes what runs, by its own words, for each of some sensors',
  { skip: needsBroker(), timeout: 300_000 },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/#');
    const sensors = [
      { format: 'csv', baud: 9600, rateHz: 26, section: /units: mg/ },
      { format: 'csv:i2cdev', baud: 57_600, rateHz: 52, section: /resample: \{ rateHz: 26 \}/ },
    ];
    // One after the other: a busy machine blurs the rates, and what one starts must end with the test.
    for (const [n, { section, ...sensor }] of sensors.entries()) {
      // At rest gravity tells the unit, whichever seconds of the sensor a busy machine hears.
      const port = simulate(t, { ...sensor, activity: 'stationary' });
      const folder = testFolder(t);
      const file = join(folder, 'lstmd.yaml');
      const device = `box${n}`;
      // As /etc/systemd/system/lstmd.service.d, which no unit has before its first drop-in.
      const dropIn = join(folder, 'lstmd.service.d/broker.conf');
      const flags = [
        `--model=${model}`,
        '--model-units=g',
        '--model-rate-hz=26',
        '--labels=running',
      ];
      const made = await runCommand([
        'init',
        '--yes',
        ...flags,
        `--port=${port}`,
        `--broker=${broker.url}`,
        `--device=${device}`,
        '--stream=wearer',
        `--systemd-drop-in=${dropIn}`,
        `--output=${file}`,
      ]);
      assert.equal(made.code, 0, made.stderr);
      assert.match(made.stdout, /the broker answers/);
      assert.ok(made.stdout.endsWith(`\n  lstmd run -c ${file}\n`), made.stdout);
      assert.match(readFileSync(file, 'utf8'), section);
      assert.match(readFileSync(dropIn, 'utf8'), /^IPAddressAllow=127\.0\.0\.1$/m);
      const daemon = new Daemon(t, file);
      const topic = `lstmd/${device}/wearer/prediction`;
      await subscriber.until(() => subscriber.on(topic).length > 0);
      assert.equal(await daemon.end(), 0, daemon.text);
    }
  },
);

test('overwrites nothing, unless it is told to, and says what is missing', async (t) => {
  const folder = testFolder(t);
  const output = join(folder, 'lstmd.yaml');
  writeFileSync(output, 'mine');
  const refused = await runCommand(['init', '--yes', '--model', model, '--output', output]);
  assert.equal(refused.code, 64);
  assert.match(refused.stderr, /is there already.*--force/);
  assert.equal(readFileSync(output, 'utf8'), 'mine');
  // Without a terminal nothing is waited for.
  const bare = await runCommand(['init', '--force', '--output', output]);
  assert.equal(bare.code, 64);
  assert.match(bare.stderr, /say which by --model/);
  assert.equal(readFileSync(output, 'utf8'), 'mine');
});

test('writes nothing where the model takes more than the sensor sends, or labels do not fit', async (t) => {
  const port = simulate(t, { format: 'csv', baud: 115_200, rateHz: 100 });
  const output = join(testFolder(t), 'lstmd.yaml');
  const common = ['init', '--yes', '--model', model, '--port', port, '--output', output];
  const axes = await runCommand([...common, '--axes', 'x,y']);
  assert.equal(axes.code, 64);
  assert.match(axes.stderr, /takes 3 features, and the sensor sends 3 \(x, y, z\)/);
  const labels = await runCommand([...common, '--labels', 'a,b']);
  assert.equal(labels.code, 64);
  assert.match(labels.stderr, /has 1 output\(s\), and 2 label\(s\)/);
  assert.ok(!existsSync(output));
});

test('looks at what it is told, and at where it shall write, before the sensor is asked', async (t) => {
  const folder = testFolder(t);
  const output = join(folder, 'lstmd.yaml');
  // A sensor that is not there would be the next to complain.
  const common = ['init', '--yes', '--model', model, '--port', '/dev/ttyNone'];
  for (const [flags, code, words] of [
    [
      ['--output', join(folder, 'none/lstmd.yaml')],
      73,
      /cannot write .*: no such file or directory/,
    ],
    [['--output', folder], 73, /cannot write .*: it is a folder, not a file/],
    [
      ['--output', output, '--systemd-drop-in', '/dev/null/d/b.conf'],
      73,
      /cannot write \/dev\/null.*: a part of its path is no folder/,
    ],
    [['--output', output, '--device', 'a/b'], 64, /^lstmd: --device: must not hold \+, # or \//],
    [['--output', output, '--stream', 'cmd'], 64, /^lstmd: --stream: .*cmd is a topic/],
    [
      ['--output', output, '--broker', 'mqtt://a:b@c'],
      64,
      /^lstmd: --broker: must hold no credentials/,
    ],
    [['--output', output], 74, /there is no \/dev\/ttyNone/],
  ] as const) {
    const refused = await runCommand([...common, ...flags]);
    assert.equal(refused.code, code, refused.stderr);
    assert.match(refused.stderr, words);
  }
  assert.deepEqual(readdirSync(folder), []);
});

test('a drop-in for a broker without an address is refused by its name', async (t) => {
  const file = join(testFolder(t), 'broker.conf');
  await assert.rejects(writeDropIn(file, 'mqtt://broker.invalid'), (error) => {
    assert.ok(error instanceof LstmdError && error.code === 'output.write');
    assert.ok(error.message.startsWith(`cannot write ${file}, without which`), error.message);
    assert.match(error.message, /broker\.invalid/);
    return true;
  });
  assert.ok(!existsSync(file));
});
