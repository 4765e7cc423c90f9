import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectAt, likelyFormat, type Detection } from '#src/commands/detect/detection.js';
import { openSerialPort } from '#src/sensor/links/serial/serial-port.js';
import { sensorSection } from '#src/detection/sensor-yaml.js';
import { Random } from '#src/simulator/motion/random.js';
import { runCli } from '../../support/daemon.js';
import { TestPty } from '../../support/pty.js';
import { simulate, type SimulatedSensor } from '../../support/simulated-sensor.js';

const sensors: readonly SimulatedSensor[] = [
  { format: 'csv', baud: 115_200, rateHz: 26 },
  { format: 'csv:labels', baud: 57_600, rateHz: 50 },
  { format: 'jsonl:nested', baud: 19_200, rateHz: 25 },
  { format: 'witmotion', baud: 9600, rateHz: 10 },
  { format: 'vectornav:binary', baud: 921_600, rateHz: 200 },
  { format: 'cobs', baud: 38_400, rateHz: 100 },
  { format: 'csv', baud: 9600, rateHz: 50, faults: { resetMs: 2000 } },
  { format: 'csv:plotter', baud: 115_200, rateHz: 2 },
];

/** Listens to a port. A busy machine hears too little now and then, and is asked again; it must never hear wrong. */
async function heardAt(path: string, tries = 4): Promise<Detection> {
  const detection = await detectAt(path);
  const rateHz = likelyFormat(detection)?.rateHz ?? null;
  return rateHz === null && tries > 1 ? heardAt(path, tries - 1) : detection;
}

test('finds format, baud and a rate of simulated sensors', async (t) => {
  // All at once they would wait for each other.
  for (const some of [sensors.slice(0, 4), sensors.slice(4)]) {
    await Promise.all(
      some.map(async (sensor) => {
        const path = simulate(t, sensor);
        const detection = await heardAt(path);
        const what = `${JSON.stringify(sensor)}: ${JSON.stringify(detection)}`;
        const best = likelyFormat(detection);
        assert.ok(best !== undefined, what);
        const section = sensorSection(best, path, best.baudRate);
        assert.equal(section['decoder'], sensor.format.split(':')[0], what);
        assert.equal(section['baudRate'], sensor.baud, what);
        // A busy machine sends and hears more slowly than the sensor would: which rate is found is judged on
        // captures with their times (test/detection/find-formats.test.ts).
        assert.ok(Number(section['rateHz']) > 0, what);
      }),
    );
  }
});

test('says what it saw where nothing is known, and ends with 1', async (t) => {
  const pty = new TestPty(t);
  pty.port.plug();
  const random = new Random(1);
  const noise = setInterval(() => {
    pty.port.write(Uint8Array.from({ length: 64 }, () => Math.floor(256 * random.uniform())));
  }, 20);
  t.after(() => clearInterval(noise));
  const { code, stdout } = await runCli(['detect', '--baud', '9600', pty.path]);
  assert.equal(code, 1);
  assert.match(stdout, /No format is known/);
  assert.match(stdout, /9600\s+\d+\s+no text and no known frames.*\b[0-9a-f]{2} [0-9a-f]{2} /);
});

test('prints the YAML of the section, which is that of --json', async (t) => {
  // At rest gravity tells the unit, whichever seconds of the sensor a busy machine hears.
  const path = simulate(t, { format: 'csv', baud: 9600, rateHz: 50, activity: 'stationary' });
  const { code, stdout } = await runCli(['detect', '--baud', '115200,9600', '--json', path]);
  assert.equal(code, 0);
  const { found, formats } = JSON.parse(stdout) as {
    found: boolean;
    formats: { yaml: string; verdict: string }[];
  };
  assert.equal(found, true);
  // A busy machine may find another rate than 50.
  assert.equal(
    formats[0]?.yaml.replace(/(?<=rateHz: )[\d.]+/, 'some'),
    `sensor:\n  link: ${path}\n  baudRate: 9600\n  decoder: csv\n  axes: [x, y, z]\n  rateHz: some\n  units: mg`,
  );
});

test('names who holds the port, and opens it no second time', async (t) => {
  const path = simulate(t, { format: 'csv', baud: 9600, rateHz: 50 });
  const holder = await openSerialPort({ path, baudRate: 9600 });
  const { code, stderr } = await runCli(['detect', path]);
  await holder.close();
  assert.equal(code, 74);
  assert.match(stderr, /is held by node \(\d+\): stop that first/);
});
