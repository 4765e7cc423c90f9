import type { CurveReport } from '../judging/class-figures.js';
import { numberText, shareText } from '../number-text.js';
import type { evaluatedModes, EvaluationReport } from '../report.js';
import { confusionTable } from './confusion-table.js';
import { curveChart, type ChartLine } from './curve-chart.js';
import { histogramChart } from './histogram-chart.js';
import { htmlTable } from './html.js';

type EvaluatedMode = ReturnType<typeof evaluatedModes>[number];

/** The charts of a mode, by the task; none of values, whose figures are in the table of all modes. */
export function modeCharts({ model, far }: EvaluationReport, mode: EvaluatedMode): string[] {
  switch (mode.task) {
    case 'classify':
      return [
        confusionTable(model.classes, mode.warm.confusion),
        ...curveCharts(mode.all.curves, mode.warm.curves),
        thresholds(mode.warm.curves, far),
      ];
    case 'regress':
      return [];
    case 'reconstruct':
    case 'forecast': {
      const { normal, abnormal, curve } = mode.warm;
      const [negative = 'normal', positive = 'anomaly'] = model.classes;
      return [
        histogramChart(
          `Distribution of the ${mode.measure}, warm; bars of each kind are relative to its highest`,
          [
            { name: negative, colour: 0, scores: normal },
            { name: positive, colour: 1, scores: abnormal },
          ],
          curve.alarm?.threshold ?? null,
        ),
        ...(abnormal.count > 0 ? curveCharts([mode.all.curve], [curve]) : []),
        thresholds([curve], far),
      ];
    }
  }
}

function thresholds(curves: readonly CurveReport[], far: number): string {
  const rows = curves.flatMap(({ class: name, alarm }) =>
    alarm === null
      ? []
      : [
          [
            name,
            numberText(alarm.threshold),
            shareText(alarm.falseAlarmRate),
            shareText(alarm.hitRate),
          ],
        ],
  );
  const table = htmlTable([['class', 'threshold', 'false alarms', 'found'], ...rows], 1);
  return `<figure><figcaption>Thresholds for ${shareText(far)} false alarms, warm</figcaption>${table}</figure>`;
}

function curveCharts(all: readonly CurveReport[], warm: readonly CurveReport[]): string[] {
  return [
    curveChart({
      title: 'ROC (dashed: with warm-up)',
      xName: 'false alarms',
      yName: 'found',
      lines: [...rocLines(all, true), ...rocLines(warm, false)],
      hasDiagonal: true,
    }),
    curveChart({
      title: 'Precision and recall (dashed: with warm-up)',
      xName: 'recall',
      yName: 'precision',
      lines: [...precisionLines(all, true), ...precisionLines(warm, false)],
      hasDiagonal: false,
    }),
  ];
}

function rocLines(curves: readonly CurveReport[], isDashed: boolean): ChartLine[] {
  return curves.map(({ class: name, roc, rocAuc }, colour) => ({
    name: `${name}${isDashed ? ', all' : ''}: ${numberText(rocAuc)}`,
    colour: colour % 8,
    isDashed,
    points: roc.map(({ falseAlarmRate, hitRate, threshold }) => ({
      x: falseAlarmRate,
      y: hitRate,
      hint: `${name} from ${numberText(threshold)} on: ${shareText(falseAlarmRate)} false alarms, ${shareText(hitRate)} found`,
    })),
  }));
}

function precisionLines(curves: readonly CurveReport[], isDashed: boolean): ChartLine[] {
  return curves.map(({ class: name, precisionRecall, averagePrecision }, colour) => ({
    name: `${name}${isDashed ? ', all' : ''}: ${numberText(averagePrecision)}`,
    colour: colour % 8,
    isDashed,
    points: precisionRecall.map(({ recall, precision, threshold }) => ({
      x: recall,
      y: precision,
      hint: `${name} from ${numberText(threshold)} on: ${shareText(precision)} right, ${shareText(recall)} found`,
    })),
  }));
}
