import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MotionModel } from '#src/simulator/motion/motion.js';
import { readGoldenCase, type ComputedCase } from '../golden/golden-case.js';
import { bootCount } from '../support/boot-count.js';
import { Broker, needsBroker, type Received } from '../support/broker.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { newestState } from '../support/newest-state.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';
import { needsShared, sharedData } from '../support/shared-data.js';
import { isLong } from '../faults/long-run.js';

interface Prediction {
  readonly ts: number;
  readonly boot: number;
  readonly seq: number;
  readonly p: { readonly running: number };
  readonly label: string;
  readonly warm: boolean;
}

const topic = 'lstmd/box/wearer/prediction';

function predictionsOf(received: readonly Received[]): Prediction[] {
  return received.map(({ payload }) => JSON.parse(payload) as Prediction);
}

function motionRows(count: number): string[] {
  const model = new MotionModel({ seed: 11, rateHz: 26 });
  const row = new Float32Array(3);
  return Array.from({ length: count }, () => {
    model.next(row);
    return row.join(',');
  });
}

/** The rows of every recording, of which the short run takes so many at the beginning of each. */
function recordedRows(rowsOfEach = isLong ? Infinity : 40): string[] {
  const folder = sharedData('stm32-har');
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.csv'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .flatMap((file) => readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(0, rowsOfEach));
}

/** Feeds rows through tty, agent and broker, with a restart in the middle. */
async function streamWithRestart(t: TestContext, rows: readonly string[]): Promise<void> {
  const folder = testFolder(t);
  const { broker, subscriber } = await Broker.withSubscriber(t, topic);
  const pty = new TestPty(t);
  pty.port.plug();
  const state = '{ onGap: { then: keep } }';
  const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path, state });
  const cut = Math.floor(rows.length / 2);

  const first = new Daemon(t, config);
  await first.logged(/^reading /);
  pty.sendBanner();
  await pty.send(rows.slice(0, cut));
  await subscriber.until((received) => received.length >= cut);
  assert.equal(await first.end('SIGTERM'), 0, first.text);

  const second = new Daemon(t, config);
  const resumed = await second.logged(/resumed after sample/);
  assert.equal(resumed['samples'], cut);
  await second.logged(/^reading /);
  pty.sendBanner();
  await pty.send(rows.slice(cut));
  await subscriber.until((received) => received.length >= rows.length);
  assert.equal(await second.end('SIGTERM'), 0, second.text);

  const predictions = predictionsOf(subscriber.received);
  assert.deepEqual(
    predictions.map(({ boot, seq }) => [bootCount(boot), seq]),
    rows.map((_, n) => (n < cut ? [1, n + 1] : [2, n + 1 - cut])),
    'every prediction, in order, none missing, none twice',
  );
  assert.deepEqual(
    predictions.map(({ p }) => p.running),
    await predictRows(rows),
    'the joined output equals the uninterrupted one, bit for bit',
  );
  for (let n = 1; n < predictions.length; n += 1) {
    assert.ok((predictions[n]?.ts ?? 0) >= (predictions[n - 1]?.ts ?? 0), 'times go forward');
  }
}

/** Files of PyTorch's: on a window, with weights beside it, and with its state as an input and an output. */
const exported = ['lstm-last-dynamo', 'external-data', 'stateful-stacked'] as const;

function readExported(name: string): ComputedCase {
  const golden = readGoldenCase(name, projectFile(`test/golden/onnx/cases/${name}`));
  assert.ok(golden.expect === 'ok');
  return golden;
}

interface Values {
  readonly boot: number;
  readonly seq: number;
  readonly value: Readonly<Record<string, number>>;
}

/** Steps files of PyTorch's in one daemon, which is killed once its state is saved. */
async function streamExported(t: TestContext): Promise<void> {
  const folder = testFolder(t);
  const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/+/prediction');
  const streams = exported.map((name) => {
    const pty = new TestPty(t);
    pty.port.plug();
    return { name, pty, golden: readExported(name) };
  });
  const config = join(folder, 'lstmd.yaml');
  const sections = streams.map(({ name, pty, golden }) => [
    name,
    {
      sensor: { link: pty.path, rateHz: 26 },
      model: { file: join(golden.folder, golden.file), mode: 'continuous', task: 'regress' },
      state: { checkpointSeconds: 0.05, onGap: { then: 'keep' } },
    },
  ]);
  writeFileSync(
    config,
    JSON.stringify({
      device: 'box',
      stateDirectory: join(folder, 'state'),
      mqtt: { url: broker.url },
      streams: Object.fromEntries(sections) as unknown,
    }),
  );
  // What the kill left unacknowledged may be sent again.
  const records = (name: string): Values[] => {
    const found = subscriber
      .on(`lstmd/box/${name}/prediction`)
      .map(({ payload }) => JSON.parse(payload) as Values);
    return [...new Map(found.map((one) => [`${one.boot} ${one.seq}`, one])).values()];
  };
  const cut = 30;
  const live = async (from: number, to: number): Promise<Daemon> => {
    const daemon = new Daemon(t, config);
    for (const { pty, golden } of streams) {
      await daemon.logged(new RegExp(`^reading ${pty.path}`));
      pty.sendBanner();
      await pty.send(golden.input.slice(from, to).map((row) => row.join(',')));
    }
    await subscriber.until(() => streams.every(({ name }) => records(name).length >= to));
    return daemon;
  };

  const first = await live(0, cut);
  for (const { name } of streams) {
    while ((await newestState(join(folder, 'state', name)))?.sampleCount !== cut) {
      await sleep(5);
    }
  }
  assert.equal(await first.end('SIGKILL'), null);

  const second = await live(cut, 64);
  assert.equal(second.lines.filter(({ msg }) => msg.includes('resumed after sample 30')).length, 3);
  assert.equal(await second.end(), 0, second.text);
  for (const { name, golden } of streams) {
    const found = records(name);
    assert.deepEqual(
      found.map(({ boot, seq }) => [bootCount(boot), seq]),
      golden.input.map((_, n) => (n < cut ? [1, n + 1] : [2, n + 1 - cut])),
      name,
    );
    for (const [n, { value }] of found.entries()) {
      for (const [i, expected] of (golden.continuous?.outputs[n] ?? []).entries()) {
        const error = Math.abs((Object.values(value)[i] ?? Number.NaN) - expected);
        assert.ok(error <= golden.tolerance, `${name}, sample ${n + 1}: off by ${error}`);
      }
    }
  }
}

describe('a stream from tty to subscriber', () => {
  test(
    'delivers every prediction once, over a restart, as predict gives them',
    {
      skip: needsBroker(),
    },
    (t) => streamWithRestart(t, motionRows(3000)),
  );

  test('does so with real recordings', { skip: needsShared('stm32-har') || needsBroker() }, (t) =>
    streamWithRestart(t, recordedRows()),
  );

  test('gives what PyTorch gives for its ONNX files, over a kill', { skip: needsBroker() }, (t) =>
    streamExported(t),
  );
});
