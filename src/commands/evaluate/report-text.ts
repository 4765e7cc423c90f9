import { table } from '../terminal/table.js';
import type { ClassifyFigures } from './judging/class-figures.js';
import { countText, numberText, shareText } from './number-text.js';
import { evaluatedModes, worstRecordings, type EvaluationReport } from './report.js';

const shownRecordings = 5;

/** The report for people. */
export function reportText(report: EvaluationReport): string {
  const { model } = report;
  const lines = [
    `${model.file}   ${model.origin}   sha256 ${model.sha256.slice(0, 12)}   ${model.task}${model.head === null ? '' : ` ("${model.head}")`}`,
    ...dataLines(report),
    '',
    ...summary(report),
    ...refusals(report),
    ...evaluatedModes(report).flatMap((mode) => modeLines(report, mode)),
  ];
  return `${lines.join('\n')}\n`;
}

/** What was read, and what of it has no part in the figures. */
export function dataLines({ data, labelsAt }: EvaluationReport): string[] {
  const lines = [
    `${counted(data.recordings.length, 'recording')}, ${counted(data.samples, 'sample')}`,
    ...data.labels.map(({ label, class: name, samples, recordings }) => {
      const as = name === null ? ', not judged' : name === label ? '' : `, counted as ${name}`;
      return `  ${label}: ${counted(samples, 'sample')} of ${counted(recordings, 'recording')}${as}`;
    }),
  ];
  if (data.unlabelled > 0) {
    lines.push(`  without a label: ${counted(data.unlabelled, 'sample')}, not judged`);
  }
  if (data.outOfRange > 0) {
    lines.push(
      `  out of features.min and features.max: ${counted(data.outOfRange, 'row')}, left out as the daemon does`,
    );
  }
  if (data.absentClasses.length > 0) {
    lines.push(`no sample is labelled ${data.absentClasses.join(', ')}: nothing is said of these`);
  }
  if (labelsAt !== 'last') {
    lines.push(
      labelsAt === 'majority'
        ? 'an output is judged by the label that most samples of its window have'
        : 'an output is judged where all samples of its window have the same label',
    );
  }
  return lines;
}

/** One line a mode, with warm-up and without. */
export function summaryRows(report: EvaluationReport): string[][] {
  const head = ['mode', 'outputs', 'judged', 'accuracy', 'balanced', 'macro F1'];
  const rows = evaluatedModes(report).flatMap(({ mode, all, warm }) => [
    [mode, 'all', ...figureCells(all)],
    [mode, 'warm', ...figureCells(warm)],
  ]);
  return [[...head, 'ROC area', 'avg. precision'], ...rows];
}

function figureCells(figures: ClassifyFigures): string[] {
  return [
    countText(figures.outputs),
    shareText(figures.accuracy),
    shareText(figures.balancedAccuracy),
    numberText(figures.macroF1),
    numberText(figures.rocAuc),
    numberText(figures.averagePrecision),
  ];
}

function summary(report: EvaluationReport): string[] {
  return table(summaryRows(report), { rightFrom: 2 });
}

function refusals({ modes }: EvaluationReport): string[] {
  return Object.entries(modes).flatMap(([mode, found]) =>
    found.exact ? [] : [`${mode} is not exact: ${found.layer}: ${found.reason}`],
  );
}

type EvaluatedMode = ReturnType<typeof evaluatedModes>[number];

function modeLines(report: EvaluationReport, mode: EvaluatedMode): string[] {
  const { data, model, far } = report;
  const { warm } = mode;
  return [
    '',
    `${mode.mode}, ${mode.engine} (${mode.target})${mode.stride === 1 ? '' : `, every ${mode.stride} samples`}, warm outputs: rows are labels, columns what the model says`,
    ...table(
      [
        ['', ...model.classes, 'precision', 'recall', 'F1'],
        ...warm.classes.map((of, n) => [
          of.class,
          ...(warm.confusion[n] ?? []).map(countText),
          shareText(of.precision),
          shareText(of.recall),
          numberText(of.f1),
        ]),
      ],
      { rightFrom: 1 },
    ),
    ...warm.curves.flatMap(({ class: name, alarm }) =>
      alarm === null
        ? []
        : [
            `${name} from ${numberText(alarm.threshold)} on: ${shareText(alarm.falseAlarmRate)} false alarms (${shareText(far)} wanted), ${alarm.hitRate === null ? 'nothing to find' : `${shareText(alarm.hitRate)} found`}`,
          ],
    ),
    ...(mode.notJudged > 0 ? [`${counted(mode.notJudged, 'output')} not judged`] : []),
    ...(mode.resets > 0
      ? [`the state exploded and was reset ${mode.resets === 1 ? 'once' : `${mode.resets} times`}`]
      : []),
    ...worstRecordings(mode.recordings, shownRecordings).map(
      ({ recording, outputs, right }) =>
        `  ${shareText(right / outputs)} right: ${data.recordings[recording]?.path ?? ''}`,
    ),
  ];
}

function counted(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? '' : 's'}`;
}
