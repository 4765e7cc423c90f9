import { table } from '../terminal/table.js';
import type { ClassifyFigures, CurveReport } from './judging/class-figures.js';
import { countText, numberText, shareText } from './number-text.js';
import { worstRecordings } from './recording-verdicts.js';
import { evaluatedModes, type EvaluationReport } from './report.js';
import { summaryRows } from './summary-rows.js';

const shownRecordings = 5;

/** The report for people. */
export function reportText(report: EvaluationReport): string {
  const { model } = report;
  // The second column after the mode is text too where there are values or scores.
  const rightFrom = model.task === 'classify' ? 2 : 3;
  const lines = [
    `${model.file}   ${model.origin}   sha256 ${model.sha256.slice(0, 12)}   ${model.task}${model.head === null ? '' : ` ("${model.head}")`}`,
    `task ${model.task}: ${model.taskFrom}`,
    ...dataLines(report),
    '',
    ...table(summaryRows(report), { rightFrom }),
    ...refusalLines(report),
    ...evaluatedModes(report).flatMap((mode) => modeLines(report, mode)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Returns what was read, and what of it has no part in the figures. */
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

/** Why modes are missing. */
export function refusalLines({ modes }: EvaluationReport): string[] {
  return Object.entries(modes).flatMap(([mode, found]) =>
    found.exact ? [] : [`${mode} is not exact: ${found.layer}: ${found.reason}`],
  );
}

type EvaluatedMode = ReturnType<typeof evaluatedModes>[number];

/** Returns what is to know of a mode beside its figures. */
export function modeNotes({ engine, target, stride, notJudged, resets }: EvaluatedMode): string[] {
  return [
    `engine ${engine} (${target})`,
    ...(stride === 1 ? [] : [`an output every ${stride} samples`]),
    ...(notJudged > 0 ? [`${counted(notJudged, 'output')} not judged`] : []),
    ...(resets > 0
      ? [`the state exploded and was reset ${resets === 1 ? 'once' : `${resets} times`}`]
      : []),
  ];
}

function modeLines(report: EvaluationReport, mode: EvaluatedMode): string[] {
  const curves =
    mode.task === 'classify' ? mode.warm.curves : mode.task === 'regress' ? [] : [mode.warm.curve];
  return [
    '',
    `${mode.mode}: ${modeNotes(mode).join('; ')}`,
    ...(mode.task === 'classify' ? confusionLines(report, mode.warm) : []),
    ...curves.flatMap((curve) => alarmLines(curve, report.far)),
    ...worstRecordings(mode, shownRecordings).map(
      ({ recording, text }) => `  ${text}: ${report.data.recordings[recording]?.path ?? ''}`,
    ),
  ];
}

function confusionLines({ model }: EvaluationReport, warm: ClassifyFigures): string[] {
  return [
    'warm outputs; rows are labels, columns what the model says',
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
  ];
}

function alarmLines({ class: name, alarm, negatives, rocAuc }: CurveReport, far: number): string[] {
  if (alarm === null) {
    return [];
  }
  const found =
    alarm.hitRate === null
      ? ''
      : `, ${shareText(alarm.hitRate)} found (ROC area ${numberText(rocAuc)})`;
  const few =
    Math.floor(far * negatives) === 0
      ? ` ${counted(negatives, 'output')} cannot tell so small a rate.`
      : '';
  return [
    `${name} from ${numberText(alarm.threshold)} on: ${shareText(alarm.falseAlarmRate)} false alarms (${shareText(far)} wanted)${found}.${few}`,
  ];
}

function counted(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? '' : 's'}`;
}
