import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { EvaluationReport } from '#src/commands/evaluate/report.js';
import type { ReferenceStatistics } from '#src/commands/evaluate/reference-statistics.js';
import { readTaskCase, tasksFolder } from '../../golden/task-case.js';
import { runCli, testFolder } from '../../support/daemon.js';
import { evaluate, refusal } from './evaluation.js';

/** Writes the samples of a case as a recording, with more fields beside them. */
function written(
  t: TestContext,
  name: string,
  fields: (sample: number) => readonly (string | number)[] = () => [],
): string {
  const file = join(testFolder(t), 'walk.csv');
  const rows = readTaskCase(name).input.map((row, n) => [...row, ...fields(n)].join(','));
  writeFileSync(file, `${rows.join('\n')}\n`);
  return file;
}

function evaluateCase(name: string, ...args: string[]): Promise<EvaluationReport> {
  return evaluate(join(tasksFolder, name, 'model.keras'), ...args);
}

function scores(report: EvaluationReport) {
  const found = report.modes.sliding;
  assert.ok(found?.exact === true && (found.task === 'reconstruct' || found.task === 'forecast'));
  return found;
}

function values(report: EvaluationReport) {
  const found = report.modes.sliding;
  assert.ok(found?.exact === true && found.task === 'regress');
  return found;
}

function assertNear(actual: number | null | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-4, `${actual}, not ${expected}`);
}

/** Returns what a value should be at a sample, which no model knows. */
function target(sample: number, value: number): number {
  return 100 * (1 - value) + Math.cos(sample + value);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

describe('lstmd evaluate by the task of the model', () => {
  test('distributes the scores of an autoencoder that numpy has', async (t) => {
    const { scores: known = {} } = readTaskCase('autoencoder');
    const expected = known['mae_all'] ?? [];
    const report = await evaluateCase(
      'autoencoder',
      '--data',
      written(t, 'autoencoder'),
      '--far',
      '0.1',
    );
    assert.equal(report.model.task, 'reconstruct');
    const { warm, measure } = scores(report);
    assert.equal(measure, 'score');
    assert.equal(warm.normal.count, expected.length);
    assertNear(warm.normal.mean, mean(expected));
    assertNear(warm.normal.max, Math.max(...expected));
    const alarms = expected.filter((score) => score >= (warm.curve.alarm?.threshold ?? 0) + 1e-6);
    assert.equal(alarms.length, Math.floor(0.1 * expected.length));
    assert.ok(report.modes.continuous?.exact === false);
  });

  test('tells anomalies from normal samples by their labels', async (t) => {
    const expected = readTaskCase('autoencoder').scores?.['mae_all'] ?? [];
    // The score at a sample is that of the window which ends there: the first is for sample 15.
    const file = written(t, 'autoencoder', (sample) => [sample < 30 ? 'good' : 'broken']);
    const labels = ['--labels', 'column:3'];
    const { warm } = scores(
      await evaluateCase('autoencoder', '--data', file, ...labels, '--normal', 'good'),
    );
    assert.deepEqual([warm.normal.count, warm.abnormal.count], [15, expected.length - 15]);
    assertNear(warm.normal.mean, mean(expected.slice(0, 15)));
    assertNear(warm.abnormal.mean, mean(expected.slice(15)));
    const area = scores(
      await evaluateCase('autoencoder', '--data', file, ...labels, '--positive', 'broken'),
    ).warm.curve.rocAuc;
    assert.equal(warm.curve.rocAuc, area);
    const model = join(tasksFolder, 'autoencoder/model.keras');
    assert.match(await refusal(64, model, '--data', file, ...labels), /--normal LABEL/);
  });

  test('scores as the configuration of a stream says', async (t) => {
    const expected = readTaskCase('autoencoder').scores?.['mse_all'] ?? [];
    const file = written(t, 'autoencoder');
    const config = join(testFolder(t), 'lstmd.yaml');
    writeFileSync(
      config,
      `mqtt: { url: mqtt://127.0.0.1 }
streams:
  pump:
    sensor: { link: /dev/null, rateHz: 26 }
    model: { file: ${join(tasksFolder, 'autoencoder/model.keras')}, mode: sliding, score: { metric: mse } }
`,
    );
    assertNear(
      scores(await evaluate('-c', config, '--data', file)).warm.normal.mean,
      mean(expected),
    );
  });

  test('distributes the errors of forecasts whose samples came', async (t) => {
    const expected = readTaskCase('forecaster').errors?.['mae'] ?? [];
    const found = scores(await evaluateCase('forecaster', '--data', written(t, 'forecaster')));
    assert.equal(found.measure, 'error');
    assert.equal(found.warm.normal.count, expected.length);
    assertNear(found.warm.normal.mean, mean(expected));
    assertNear(found.warm.normal.max, Math.max(...expected));
  });

  test('drops the forecasts of a recording that has ended', async (t) => {
    const expected = readTaskCase('forecaster').errors?.['mae'] ?? [];
    const [one, two] = [written(t, 'forecaster'), written(t, 'forecaster')];
    const found = scores(await evaluateCase('forecaster', '--data', one, two));
    assert.equal(found.warm.normal.count, 2 * expected.length);
    assertNear(found.warm.normal.mean, mean(expected));
  });

  test('gives the errors of values in the units that they are published in', async (t) => {
    const { values: known = [], window } = readTaskCase('regressor');
    const file = written(t, 'regressor', (n) => [target(n, 0), n === 20 ? '' : target(n, 1)]);
    const config = join(testFolder(t), 'lstmd.yaml');
    writeFileSync(
      config,
      `mqtt: { url: mqtt://127.0.0.1 }
streams:
  wearer:
    sensor: { link: /dev/null, rateHz: 26, columns: [0, 1, 2] }
    model:
      file: ${join(tasksFolder, 'regressor/model.keras')}
      mode: sliding
      labels: [cadence, swing]
      scale: [40, 0.5]
      offset: [110, 0.8]
`,
    );
    const reference = join(testFolder(t), 'reference.json');
    const page = join(testFolder(t), 'page.html');
    const args = ['--data', file, '--labels', 'column:3,4', '--reference-out', reference];
    const { code, stdout, stderr } = await runCli([
      'evaluate',
      '-c',
      config,
      ...args,
      '--json',
      '--html',
      page,
    ]);
    assert.equal(code, 0, stderr);
    const { warm, notJudged } = values(JSON.parse(stdout) as EvaluationReport);
    assert.equal(notJudged, 1);
    for (const [n, figures] of warm.entries()) {
      const errors = known.flatMap((row, at) => {
        const sample = at + window - 1;
        return sample === 20 ? [] : [(row[n] ?? 0) - target(sample, n)];
      });
      assert.equal(figures.count, errors.length);
      assertNear(figures.mae, mean(errors.map(Math.abs)));
      assertNear(figures.rmse, Math.sqrt(mean(errors.map((error) => error ** 2))));
      assertNear(figures.bias, mean(errors));
    }
    // A target is drawn in the colour of its value.
    assert.match(
      readFileSync(page, 'utf8'),
      /"colours":\[0,1,0,1\],"dashed":\[false,false,true,true\]/,
    );
    const statistics = JSON.parse(readFileSync(reference, 'utf8')) as ReferenceStatistics;
    assert.deepEqual(
      statistics.modes['sliding']?.outputs.map(({ name, count }) => [name, count]),
      [
        ['cadence', known.length],
        ['swing', known.length],
      ],
    );
    assertNear(
      statistics.modes['sliding']?.outputs[0]?.mean,
      mean(known.map(([value = 0]) => value)),
    );
    const few = await refusal(64, '-c', config, '--data', file, '--labels', 'column:3');
    assert.match(few, /2 values \(cadence, swing\): name the column of each/);
  });
});
