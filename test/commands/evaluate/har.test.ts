import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { ClassifyFigures } from '#src/commands/evaluate/judging/class-figures.js';
import type { EvaluationReport } from '#src/commands/evaluate/report.js';
import { runCommand } from '../../support/command.js';
import { projectFile } from '../../support/project.js';
import { needsShared, sharedData } from '../../support/shared-data.js';

type KnownFigures = Pick<
  ClassifyFigures,
  'outputs' | 'accuracy' | 'balancedAccuracy' | 'macroF1' | 'correlation' | 'confusion'
> & {
  readonly rocAuc: readonly number[];
  readonly averagePrecision: readonly number[];
};
type KnownModes = Readonly<Record<string, Partial<Record<'all' | 'warm', KnownFigures>>>>;

const folder = projectFile('test/commands/evaluate');
/** Holds what scikit-learn gives for the outputs of Keras; `har_figures.py` writes it. */
const figures = JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8')) as {
  readonly stride: number;
  readonly motionsense: KnownModes;
  readonly running: KnownModes;
};

async function evaluate(...args: string[]): Promise<EvaluationReport> {
  const { code, stdout, stderr } = await runCommand(['evaluate', ...args, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as EvaluationReport;
}

/**
 * Outputs of Keras and of the kernel differ by less than 1e-5, so that next to no output is called otherwise, and
 * next to no pair of them stands in another order.
 */
function assertLike(report: EvaluationReport, known: KnownModes): void {
  for (const [mode, kinds] of Object.entries(known)) {
    const found = Object.entries(report.modes).find(([name]) => name === mode)?.[1];
    assert.ok(found?.exact === true && found.task === 'classify', mode);
    for (const kind of ['all', 'warm'] as const) {
      const wanted = kinds[kind];
      if (wanted === undefined) {
        continue;
      }
      const own: ClassifyFigures = found[kind];
      assert.equal(own.outputs, wanted.outputs, `${mode}, ${kind}`);
      const near = (a: number | null | undefined, b: number | null, what: string) =>
        assert.ok(
          Math.abs((a ?? Number.NaN) - (b ?? Number.NaN)) <= 2e-4,
          `${mode} ${kind} ${what}: ${a}, not ${b}`,
        );
      for (const name of ['accuracy', 'balancedAccuracy', 'macroF1', 'correlation'] as const) {
        near(own[name], wanted[name], name);
      }
      for (const [n, curve] of own.curves.entries()) {
        near(curve.rocAuc, wanted.rocAuc[n] ?? null, `area of ${curve.class}`);
        near(
          curve.averagePrecision,
          wanted.averagePrecision[n] ?? null,
          `precision of ${curve.class}`,
        );
      }
      const moved = own.confusion
        .flat()
        .map((count, n) => Math.abs(count - (wanted.confusion.flat()[n] ?? 0)));
      assert.ok(Math.max(...moved) <= 2, `${mode}, ${kind}: ${JSON.stringify(own.confusion)}`);
    }
  }
}

describe(
  'lstmd evaluate gives the figures of scikit-learn on the outputs of Keras',
  { skip: needsShared('motionsense') || needsShared('stm32-har') },
  () => {
    test('for six activities, in every mode, by a word of the name of each file', async () => {
      const files = ['dws_1', 'jog_9', 'sit_5', 'std_6', 'ups_3', 'wlk_7'].map((name) =>
        sharedData(`motionsense/accel_g_${name}_sub1_50Hz.csv`),
      );
      const labels = ['--labels', 'file', '--classes', 'dws,jog,sit,std,ups,wlk'];
      const options = ['--axes', 'x,y,z', '--stride', String(figures.stride)];
      const model = join(folder, 'motionsense.keras');
      const report = await evaluate(model, '--data', ...files, ...labels, ...options);
      assertLike(report, figures.motionsense);
      assert.deepEqual(
        report.data.labels.map(({ samples }) => samples),
        Array(6).fill(1000),
      );
    });

    test('for running against all else, by the names of folders', async () => {
      const data = ['--data', sharedData('stm32-har'), '--labels', 'folder'];
      const options = ['--positive', 'running', '--scale', '0.001'];
      const model = projectFile('examples/running/running.keras');
      const report = await evaluate(model, ...data, ...options);
      assertLike(report, figures.running);
      assert.equal(report.data.samples, 92_000);
    });
  },
);
