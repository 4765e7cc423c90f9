import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test, type TestContext } from 'node:test';
import { encoders } from '#src/simulator/encoders/registry.js';
import { isLong } from '../faults/long-run.js';
import { environment, runCli, testFolder, type Exit } from '../support/daemon.js';
import { denseLayer, inputLayer, kerasArchive } from '../support/model-writer.js';
import { cli } from '../support/project.js';

/** A simulated sensor whose way to the model is followed by the commands alone. */
interface FollowedSensor {
  readonly format: string;
  readonly baud: number;
  readonly rateHz: number;
  readonly axes: number;
}

const cycle = 90;
/** Half of what the coarsest of the formats tells apart. */
const mostErrorMg = 0.6;

/** The accelerometer's part of row `n`, in mg: at rest, so that gravity tells the unit, and no two rows alike. */
function rowOf(n: number): readonly [number, number, number] {
  return [3 * n - 130, 20 - 2 * (n % 7), 1000 + 2 * (n % 5)];
}

/** The rotation beside it, in deg/s. */
function turnOf(n: number): readonly number[] {
  return [(7 * n) % 11, 4 - ((3 * n) % 5), 2 - ((5 * n) % 7)];
}

/** A model that gives its three features as they are, and a zero, so that it is no autoencoder. */
async function regressor(file: string): Promise<string> {
  const dense = denseLayer('same', 3, 4, { activation: 'linear' });
  const [kernel, bias] = dense.weights ?? [];
  kernel?.data.set([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
  bias?.data.fill(0);
  writeFileSync(
    file,
    await kerasArchive({ kerasVersion: '3.15.1', layers: [inputLayer(1), dense] }),
  );
  return file;
}

/** Starts a simulator, and returns the path of its port once that is there. */
async function startSensor(
  t: TestContext,
  folder: string,
  sensor: FollowedSensor,
): Promise<string> {
  const { format, baud, rateHz, axes } = sensor;
  const recording = join(folder, 'rows.csv');
  const rows = Array.from({ length: cycle }, (_, n) => [...rowOf(n), ...turnOf(n)].slice(0, axes));
  writeFileSync(recording, `${rows.map((row) => row.join(',')).join('\n')}\n`);
  const link = join(folder, 'tty');
  const flags = [`--format=${format}`, `--baud=${baud}`, `--rate-hz=${rateHz}`, `--axes=${axes}`];
  const simulator = spawn(
    process.execPath,
    [cli, 'simulate', `--link=${link}`, `--recording=${recording}`, '--loop', ...flags],
    { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  t.after(() => simulator.kill('SIGKILL'));
  for await (const line of createInterface(simulator.stderr)) {
    // It says where the port is when it is there.
    if (line.includes(`simulating a sensor at ${link}`)) {
      simulator.stderr.resume();
      return link;
    }
  }
  return assert.fail(`${JSON.stringify(sensor)}: simulate ended`);
}

interface Found {
  readonly formats: readonly {
    readonly sensor: Readonly<Record<string, unknown>> & { readonly axes: readonly string[] };
  }[];
}

/** Runs a command; one that was kept from the processor too long to hear enough may try again. */
async function twice(args: readonly string[]): Promise<Exit> {
  const first = await runCli(args);
  return first.code === 0 ? first : runCli(args);
}

/**
 * Finds the format of a sensor and makes a configuration for it, by the names that were found.
 *
 * @returns what was found, for a message, and how `init` ended
 */
async function configure(
  { format, baud, rateHz, axes: count }: FollowedSensor,
  link: string,
  files: { readonly model: string; readonly config: string },
): Promise<{ readonly what: string; readonly made: Exit }> {
  const polled = format.startsWith('modbus') ? ['--poll', 'modbus'] : [];
  const detected = await twice(['detect', '--json', ...polled, link]);
  const sensor = JSON.stringify({ format, baud, rateHz, count });
  const what = `${sensor}\n${detected.stdout}${detected.stderr}`;
  assert.equal(detected.code, 0, what);
  const [best] = (JSON.parse(detected.stdout) as Found).formats;
  assert.equal(best?.sensor['decoder'], format.split(':')[0], what);
  assert.equal(best?.sensor['baudRate'], baud, what);
  const axes = best.sensor.axes.slice(0, 3);
  const made = await twice([
    'init',
    '--yes',
    ...polled,
    `--model=${files.model}`,
    `--port=${link}`,
    `--axes=${axes.join(',')}`,
    '--labels=x,y,z,none',
    '--model-units=g',
    '--broker=mqtt://127.0.0.1:9',
    `--output=${files.config}`,
  ]);
  return { what, made };
}

/** Follows one sensor, and judges each sample that comes out at the end by the rows that went in. */
async function follow(t: TestContext, sensor: FollowedSensor): Promise<void> {
  const folder = testFolder(t);
  const model = await regressor(join(folder, 'same.keras'));
  const link = await startSensor(t, folder, sensor);
  const config = join(folder, 'lstmd.yaml');
  let { what, made } = await configure(sensor, link, { model, config });
  if (made.stderr.includes('--axes: there is no')) {
    // A header row came in between: the axes have its names now.
    ({ what, made } = await configure(sensor, link, { model, config }));
  }
  assert.equal(made.code, 0, `${what}${made.stderr}`);
  const text = `${what}${readFileSync(config, 'utf8')}`;
  const ran = await runCli(['run', '--once', '-c', config, '--samples', '30', '--seconds', '60']);
  assert.equal(ran.code, 0, `${text}${ran.stderr}`);
  judge(ran.stdout, text);
}

function judge(stdout: string, what: string): void {
  const records = stdout.split('\n').filter((line) => line.includes('/prediction'));
  assert.ok(records.length >= 30, `${what}${stdout}`);
  for (const record of records) {
    const { value } = JSON.parse(record) as { value: { x: number; y: number; z: number } };
    const n = Math.round((1000 * value.x + 130) / 3);
    const [x, y, z] = rowOf(n);
    for (const [read, sent] of [
      [value.x, x],
      [value.y, y],
      [value.z, z],
    ] as const) {
      assert.ok(
        Math.abs(1000 * read - sent) <= mostErrorMg,
        `${what}${record}, where ${sent} was sent`,
      );
    }
  }
}

/** Speeds and rates that are usual for them. */
const lines = [
  { baud: 115_200, rateHz: 100, mostAxes: 6 },
  { baud: 9600, rateHz: 10, mostAxes: 6 },
  { baud: 921_600, rateHz: 200, mostAxes: 3 },
];

/** Speeds at which a slave of Modbus is asked. */
const mostModbusBaud = 115_200;

const shortly: readonly FollowedSensor[] = [
  { format: 'witmotion', baud: 115_200, rateHz: 50, axes: 6 },
];

const all = encoders.flatMap(({ name: format, answering, mostAxes = 6 }) =>
  lines
    .filter(({ baud }) => answering === undefined || baud <= mostModbusBaud)
    .flatMap((line) =>
      [3, 6]
        // A frame of COBS has as many axes as the model.
        .filter((axes) => axes <= Math.min(format === 'cobs' ? 3 : mostAxes, line.mostAxes))
        .map((axes) => ({ format, baud: line.baud, rateHz: line.rateHz, axes })),
    ),
);

describe('from simulate over detect and init to run', { concurrency: 2 }, () => {
  for (const sensor of isLong ? all : shortly) {
    const { format, baud, rateHz, axes } = sensor;
    test(`${format} with ${axes} axes at ${baud} baud and ${rateHz} Hz`, async (t) => {
      await follow(t, sensor);
    });
  }
});
