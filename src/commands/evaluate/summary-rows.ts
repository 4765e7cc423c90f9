import type { ClassifyFigures } from './judging/class-figures.js';
import type { ValueFigures } from './judging/regress-judge.js';
import type { ScoreDistribution, ScoreFigures } from './judging/score-judge.js';
import { countText, numberText, shareText } from './number-text.js';
import { evaluatedModes, type EvaluationReport } from './report.js';

/** A table with a head: for each mode a line for all outputs and one for the warm ones. */
export function summaryRows(report: EvaluationReport): string[][] {
  const rows = evaluatedModes(report).flatMap((found) => {
    switch (found.task) {
      case 'classify':
        return pairs(found.mode, [figureCells(found.all)], [figureCells(found.warm)]);
      case 'regress':
        return pairs(found.mode, found.all.map(valueCells), found.warm.map(valueCells));
      case 'reconstruct':
      case 'forecast':
        return pairs(
          found.mode,
          scoreCells(found.all, report.model.classes),
          scoreCells(found.warm, report.model.classes),
        );
    }
  });
  return [['mode', 'outputs', ...heads[report.model.task]], ...rows];
}

const scoreHead = ['of', 'count', 'mean', 'std', 'median', '99 %', '99.9 %', 'highest'];
const heads = {
  classify: ['judged', 'accuracy', 'balanced', 'macro F1', 'ROC area', 'avg. precision'],
  regress: ['value', 'judged', 'MAE', 'RMSE', 'bias', 'largest', 'R2'],
  reconstruct: scoreHead,
  forecast: scoreHead,
};

function pairs(mode: string, all: readonly string[][], warm: readonly string[][]): string[][] {
  return [
    ...all.map((cells) => [mode, 'all', ...cells]),
    ...warm.map((cells) => [mode, 'warm', ...cells]),
  ];
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

function valueCells({ value, count, mae, rmse, bias, largestError, r2 }: ValueFigures): string[] {
  return [value, countText(count), ...[mae, rmse, bias, largestError, r2].map(numberText)];
}

/** A line for the normal outputs, and one for the others where there are any. */
function scoreCells(
  { normal, abnormal }: ScoreFigures,
  [negative = 'normal', positive = 'anomaly']: readonly string[],
): string[][] {
  const rows = [distributionCells(negative, normal)];
  return abnormal.count === 0 ? rows : [...rows, distributionCells(positive, abnormal)];
}

function distributionCells(
  name: string,
  { count, mean, std, max, quantiles }: ScoreDistribution,
): string[] {
  const middle = [quantiles['0.5'], quantiles['0.99'], quantiles['0.999']];
  const numbers = [mean, std, ...middle, max];
  return [name, countText(count), ...numbers.map((value) => numberText(value ?? null))];
}
