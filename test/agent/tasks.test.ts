import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { configSchema } from '#src/agent/config-schema.js';
import { LiveStream } from '#src/agent/live-stream.js';
import { prepareStreams, type PreparedStream } from '#src/agent/prepared-stream.js';
import { streamInfo } from '#src/agent/stream-info.js';
import { engineNames, type EngineName } from '#src/engine/program/engine.js';
import { readTaskCase, tasksFolder } from '../golden/task-case.js';
import { testFolder } from '../support/daemon.js';
import { machineClock } from '#src/platform/machine-clock.js';
import { silentLog } from '../support/silent-log.js';

interface Published {
  readonly seq: number;
  readonly warm: boolean;
  readonly score?: number;
  readonly share?: Readonly<Record<string, number>>;
  readonly value?: Readonly<Record<string, number>> | number;
  readonly steps?: readonly (readonly number[])[];
  readonly forecast?: {
    readonly ts: readonly number[];
    readonly value: Readonly<Record<string, readonly number[]>>;
  };
  readonly error?: number;
  readonly event?: string;
  readonly state?: string;
}

const axes = ['x', 'y', 'z'];
const rateHz = 26;
const startMs = 1_763_880_000_000;

interface Variant {
  readonly model?: object;
  readonly publish?: object;
}

/**
 * Streams of a task's model, one for each variant, that are fed without a sensor. The file is read once for all.
 *
 * @param folder for their states
 */
async function given<Names extends string>(
  folder: string,
  name: string,
  variants: Readonly<Record<Names, Variant>>,
): Promise<Record<Names, Fed>> {
  const streams = Object.entries<Variant>(variants).map(([variant, { model, publish = {} }]) => [
    variant,
    {
      sensor: { link: '/dev/null', rateHz },
      model: { file: join(tasksFolder, name, 'model.keras'), mode: 'sliding', ...model },
      state: { onGap: { then: 'keep' } },
      publish,
    },
  ]);
  const config = configSchema.parse({
    device: 'box',
    stateDirectory: folder,
    mqtt: { url: 'mqtt://127.0.0.1' },
    streams: Object.fromEntries(streams) as unknown,
  });
  const prepared = await prepareStreams(config);
  const fed = await Promise.all(
    prepared.map(async (stream) => [stream.name, await fedStream(stream)] as const),
  );
  return Object.fromEntries(fed) as Record<Names, Fed>;
}

type Fed = Awaited<ReturnType<typeof fedStream>>;

async function fedStream(prepared: PreparedStream) {
  const predictions: Published[] = [];
  const events: Published[] = [];
  const stream = new LiveStream({
    prepared,
    boot: 1,
    qos: 0,
    emit: ({ kind, payload }) => {
      (kind === 'event' ? events : predictions).push(JSON.parse(payload) as Published);
    },
    setNow: () => {},
    stepped: () => {},
    clock: machineClock(),
    log: silentLog,
  });
  await stream.resume();
  let seq = 0;
  /** Feeds rows as blocks whose size divides no window. */
  const feed = (rows: readonly (readonly number[])[], firstRow = 0): void => {
    for (let at = 0; at < rows.length; at += 7) {
      const block = rows.slice(at, at + 7);
      stream.block({
        count: block.length,
        features: 3,
        values: Float32Array.from(block.flat()),
        timeMs: Float64Array.from(block, (_, n) => startMs + ((firstRow + at + n) * 1000) / rateHz),
        firstSeq: seq + 1,
      });
      seq += block.length;
    }
  };
  const info = JSON.parse(streamInfo(prepared, 1, stream.loaded)) as Readonly<
    Record<string, unknown>
  >;
  return { stream, feed, predictions, events, info };
}

function near(found: number | undefined, expected: number | undefined, what: string): void {
  assert.ok(found !== undefined && expected !== undefined, what);
  const error = Math.abs(found - expected);
  assert.ok(error <= 2e-5 * Math.max(1, Math.abs(expected)), `${what}: ${found} for ${expected}`);
}

function nearAll(
  found: readonly (number | undefined)[],
  expected: readonly number[] | undefined,
  what: string,
): void {
  assert.equal(found.length, expected?.length, what);
  for (const [i, value] of found.entries()) {
    near(value, expected?.[i], `${what}, ${i}`);
  }
}

/** A number that none of these is, with this part of them below. */
function between(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = Math.floor(part * sorted.length);
  return ((sorted[at - 1] ?? Number.NaN) + (sorted[at] ?? Number.NaN)) / 2;
}

function distributionFile(folder: string): string {
  const file = join(folder, 'errors.json');
  writeFileSync(file, JSON.stringify(readTaskCase('autoencoder').distribution));
  return file;
}

describe('an autoencoder', () => {
  const golden = readTaskCase('autoencoder');

  test('is scored as numpy does, on every engine', async (t) => {
    const folder = testFolder(t);
    const distribution = distributionFile(folder);
    const sizes = join(folder, 'sizes.json');
    writeFileSync(sizes, JSON.stringify(golden.absolute_distribution));
    const scores = {
      mae_all: {},
      mse_all: { metric: 'mse' },
      mahalanobis_all: { metric: 'mahalanobis', distribution },
      mae_last: { over: 'last' },
      mae_feature: { over: 'feature' },
      mahalanobis_last: { metric: 'mahalanobis', over: 'last', distribution },
      mse_last: { metric: 'mse', over: 'last' },
      mse_feature: { metric: 'mse', over: 'feature' },
      mahalanobis_feature: { metric: 'mahalanobis', over: 'feature', distribution },
      mahalanobis_sizes: { metric: 'mahalanobis', distribution: sizes },
    };
    // A score of the last step is of the last step alone, and with `steps` of the end of the whole window.
    // Scores are made of outputs, whichever engine gave them: two kinds are enough for the others.
    const variants = Object.entries(scores).flatMap(([kind, score], n) =>
      engineNames.slice(0, n < 2 ? undefined : 1).flatMap((engine) =>
        [false, true].map((steps) => ({
          name: `${kind} ${engine} ${steps}`,
          kind,
          variant: { model: { engine, score }, publish: { steps } },
        })),
      ),
    );
    const streams = await given(
      folder,
      'autoencoder',
      Object.fromEntries(variants.map(({ name, variant }) => [name, variant])),
    );
    for (const { name, kind } of variants) {
      const { feed, predictions } = streams[name] ?? assert.fail(name);
      feed(golden.input);
      assert.equal(predictions[0]?.seq, golden.window);
      nearAll(
        predictions.map(({ score }) => score),
        golden.scores?.[kind],
        name,
      );
      for (const [n, { share = {} }] of predictions.entries()) {
        assert.deepEqual(Object.keys(share), axes);
        nearAll(Object.values(share), golden.shares?.[kind]?.[n], `${name}, shares`);
      }
    }
  });

  test('gives its whole window where asked for', async (t) => {
    const { motion } = await given(testFolder(t), 'autoencoder', {
      motion: { publish: { steps: true } },
    });
    motion.feed(golden.input);
    for (const [n, { steps = [], score }] of motion.predictions.entries()) {
      assert.equal(steps.length, golden.window);
      nearAll(steps.flat(), golden.outputs[n], 'steps');
      near(score, golden.scores?.['mae_all']?.[n], 'score');
    }
  });

  test('goes on after a save and a restart with the same scores', async (t) => {
    const folder = testFolder(t);
    const { motion: first } = await given(folder, 'autoencoder', { motion: {} });
    first.feed(golden.input.slice(0, 24));
    await first.stream.stop();
    const { motion: second } = await given(folder, 'autoencoder', { motion: {} });
    second.feed(golden.input.slice(24), 24);
    const published = [...first.predictions, ...second.predictions];
    assert.ok(published.every(({ warm }) => warm));
    nearAll(
      published.map(({ score }) => score),
      golden.scores?.['mae_all'],
      'scores over a restart',
    );
  });

  test('turns events on and off by its score, and by the error of one feature', async (t) => {
    const scores = golden.scores?.['mae_all'] ?? [];
    const [on, off] = [between(scores, 0.7), between(scores, 0.4)];
    const variant = {
      publish: {
        every: 1000,
        events: [
          { event: 'strange', on, off, origin: '99 % of the training' },
          { event: 'x', feature: 'x', on: 1e9, off: 0 },
        ],
      },
    };
    const { motion } = await given(testFolder(t), 'autoencoder', { motion: variant });
    const { feed, events, info } = motion;
    feed(golden.input);
    const expected: string[] = [];
    let state: string | undefined;
    for (const [n, score] of scores.entries()) {
      const next = score >= on ? 'on' : score <= off ? 'off' : (state ?? 'off');
      if (next !== state) {
        expected.push(`${golden.window + n} ${next}`);
      }
      state = next;
    }
    assert.ok(expected.length >= 2, 'the thresholds are crossed');
    const strange = events.filter(({ event }) => event === 'strange');
    assert.deepEqual(
      strange.map((each) => `${each.seq} ${each.state ?? ''}`),
      expected,
    );
    assert.deepEqual(
      events.filter(({ event }) => event === 'x').map(({ state: stands }) => stands),
      ['off'],
    );
    assert.deepEqual(info['heads'], [
      {
        name: 'time_distributed',
        task: 'reconstruct',
        taskFrom:
          'found: it gives back the shape of its window, (16, 3) of (16, 3), from a vector; trained with mean_squared_error',
        features: axes,
        units: 'features',
        score: { metric: 'mae', over: 'all' },
      },
    ]);
    assert.deepEqual((info['events'] as readonly object[])[0], {
      event: 'strange',
      head: 'time_distributed',
      when: 'above',
      on,
      off,
      minMs: 0,
      origin: '99 % of the training',
    });
  });
});

describe('a forecaster', () => {
  const golden = readTaskCase('forecaster');
  const { window, horizon = 0 } = golden;

  test('is published with its times, and its error once the samples came, on every engine', async (t) => {
    const variants = engineNames.flatMap((engine) =>
      (['mae', 'mse'] as const).map((metric) => ({ name: `${engine} ${metric}`, engine, metric })),
    );
    const streams = await given(
      testFolder(t),
      'forecaster',
      Object.fromEntries(
        variants.map(({ name, engine, metric }) => [
          name,
          { model: { engine, score: { metric } } },
        ]),
      ),
    );
    for (const { name, metric } of variants) {
      const { feed, predictions } = streams[name] ?? assert.fail(name);
      feed(golden.input);
      for (const [n, { forecast, error }] of predictions.entries()) {
        const atMs = startMs + ((window - 1 + n) * 1000) / rateHz;
        assert.deepEqual(
          forecast?.ts,
          Array.from({ length: horizon }, (_, k) => Math.round(atMs + ((k + 1) * 1000) / rateHz)),
        );
        const values = axes.map((axis) => forecast?.value[axis] ?? []);
        const rows = Array.from({ length: horizon }, (_, k) => values.map((each) => each[k] ?? 0));
        nearAll(rows.flat(), golden.outputs[n], name);
        if (n < horizon) {
          assert.equal(error, undefined, 'nothing is due yet');
        } else {
          near(error, golden.errors?.[metric]?.[n - horizon], `${name}, error ${n - horizon}`);
        }
      }
    }
  });

  test('is compared in the units of its values, at any stride', async (t) => {
    const model = { stride: 3, scale: 100, offset: 7, valueUnits: 'mg' };
    const { motion } = await given(testFolder(t), 'forecaster', { motion: { model } });
    const { feed, predictions, info } = motion;
    feed(golden.input);
    const errors = golden.errors?.['mae'] ?? [];
    const compared = predictions.map(({ error }) => error);
    // The forecast of window 0 came due with sample 21, between the outputs of samples 19 and 22.
    nearAll(
      compared.slice(2).map((error) => (error ?? Number.NaN) / 100),
      errors.filter((_, n) => n % 3 === 0).slice(0, compared.length - 2),
      'errors',
    );
    assert.deepEqual(compared.slice(0, 2), [undefined, undefined]);
    near(
      predictions[0]?.forecast?.value['x']?.[0],
      100 * (golden.outputs[0]?.[0] ?? Number.NaN) + 7,
      'the value in its units',
    );
    const [head] = info['heads'] as readonly { readonly error: object }[];
    assert.deepEqual(head?.error, { metric: 'mae', of: axes, in: 'the units of the values' });
  });

  test('drops what waits at a gap, counts it, and says no error of it', async (t) => {
    const { motion } = await given(testFolder(t), 'forecaster', { motion: {} });
    const { stream, feed, predictions } = motion;
    feed(golden.input.slice(0, 30));
    stream.gap({ lengthMs: 50, reason: 'late', filled: 0 });
    feed(golden.input.slice(30), 30);
    assert.equal(stream.health.published.forecastsDropped, horizon);
    assert.deepEqual(
      predictions.filter(({ error }) => error === undefined).map(({ seq }) => seq),
      [16, 17, 18, 19, 20, 31, 32, 33, 34, 35],
    );
    const { motion: other } = await given(testFolder(t), 'forecaster', { motion: {} });
    const steps = stream.stepsOf(other.stream.prepared);
    await stream.replaceModel(steps, false, () => {});
    assert.equal(stream.health.published.forecastsDropped, horizon, 'another model counts on');
    await stream.stop();
  });

  test('turns events on by its error, at every forecast that came due', async (t) => {
    const publish = { every: 1000, events: [{ event: 'lost', on: 0, off: 0 }] };
    const { motion } = await given(testFolder(t), 'forecaster', { motion: { publish } });
    const { feed, events } = motion;
    feed(golden.input);
    assert.deepEqual(
      events.map(({ seq, state, value }) => [seq, state, typeof value]),
      [[window + horizon, 'on', 'number']],
    );
    near(Number(events[0]?.value), golden.errors?.['mae']?.[0], 'the first error');
  });
});

describe('a regressor', () => {
  const golden = readTaskCase('regressor');
  const { labels, units, scale, offset } = golden;

  test('is published in its units, on every engine', async (t) => {
    const variants = engineNames.map((engine) => [
      engine,
      { model: { engine, labels, valueUnits: units, scale, offset } },
    ]);
    const streams = await given(
      testFolder(t),
      'regressor',
      Object.fromEntries(variants) as Readonly<Record<EngineName, Variant>>,
    );
    for (const engine of engineNames) {
      const { feed, predictions } = streams[engine];
      feed(golden.input);
      const values = predictions.map(({ value }) => Object.entries(value ?? {}));
      assert.deepEqual(
        values[0]?.map(([label]) => label),
        labels,
      );
      const found = values.flatMap((row) => row.map(([, value]) => Number(value)));
      nearAll(found, golden.values?.flat(), engine);
    }
  });

  test('turns events on above and below, once they have held', async (t) => {
    const cadence = golden.values?.map(([first]) => first ?? 0) ?? [];
    const middle = between(cadence, 0.5);
    const variant = {
      model: { labels, scale, offset },
      publish: {
        events: [
          { event: 'fast', value: 'cadence', on: middle, off: middle },
          { event: 'slow', value: 'cadence', on: middle, off: middle, when: 'below' },
          { event: 'long', value: 'cadence', on: middle, off: middle, minMs: 1e9 },
        ],
      },
    };
    const { motion } = await given(testFolder(t), 'regressor', { motion: variant });
    const { feed, events } = motion;
    feed(golden.input);
    const changes = (name: string) =>
      events.filter(({ event }) => event === name).map(({ seq, state }) => `${seq} ${state ?? ''}`);
    const sides = (isOn: (value: number) => boolean) => {
      const states = cadence.map((value) => (isOn(value) ? 'on' : 'off'));
      return states.flatMap((state, n) =>
        state === states[n - 1] ? [] : [`${golden.window + n} ${state}`],
      );
    };
    assert.ok(changes('fast').length > 1);
    assert.deepEqual(
      changes('fast'),
      sides((value) => value >= middle),
    );
    assert.deepEqual(
      changes('slow'),
      sides((value) => value <= middle),
    );
    assert.deepEqual(changes('long'), [`${golden.window} off`]);
  });
});

describe('a task that does not fit', () => {
  test('is refused with the way out', async (t) => {
    const rule = { label: 'a', on: 0.5, off: 0.5 };
    const regressors = {
      one: {
        model: { mode: 'continuous', labels: ['a', 'b'] },
        publish: { events: [rule] },
      },
      two: { model: { scale: [1, 2, 3] } },
      three: { model: { task: 'reconstruct' } },
      four: { model: { task: 'forecast' } },
      five: { model: { heads: { gate: {} } } },
    };
    await refused(t, 'regressor', regressors, [
      /one: .*"a" names no one number .* value: a \(regress\); value: b \(regress\); a label is for probab/,
      /two: model\.scale: it has 3 entries for 2 outputs/,
      /three: .*must name the feature of each/,
      /four: .*model\.horizon must say/,
      /five: .*"gate" is no output .* has gait/,
    ]);
    const forecasters = {
      one: { model: { task: 'reconstruct' } },
      two: { model: { horizon: 4 } },
      three: { model: { task: 'regress', labels: ['a'] } },
      five: { model: { mode: 'continuous' } },
      four: {
        model: { mode: 'sliding', stride: 1, score: { metric: 'mahalanobis', distribution: 'e' } },
      },
    };
    await refused(t, 'forecaster', forecasters, [
      /one: .*has 5 steps, the window 16/,
      /two: .*has 5 steps, not 4/,
      /three: model\.labels: 1 names/,
      /five: .*a forecast of 5 steps needs the whole window: mode sliding, at stride 16/,
      /four: model\.score\.metric: of a forecast it is mae or mse/,
    ]);
  });
});

/** Every variant must be refused, by a line of the message that matches. */
async function refused(
  t: TestContext,
  name: string,
  variants: Readonly<Record<string, Variant>>,
  lines: readonly RegExp[],
): Promise<void> {
  await assert.rejects(given(testFolder(t), name, variants), (error: Error) => {
    for (const line of lines) {
      assert.match(error.message, line);
    }
    return true;
  });
}
