import { packageVersion } from '../../../base/version.js';
import type { Evaluation } from '../classifier-evaluation.js';
import type { ClassifyFigures } from '../judging/class-figures.js';
import { numberText, shareText } from '../number-text.js';
import { evaluatedModes, type EvaluationReport } from '../report.js';
import { dataLines, summaryRows } from '../report-text.js';
import { confusionTable } from './confusion-table.js';
import { courseSection } from './course-section.js';
import { curveChart, type ChartLine } from './curve-chart.js';
import { escaped, htmlTable } from './html.js';
import { script } from './script.js';
import { style } from './style.js';

/** An evaluation as one HTML file, which needs nothing beside it: no network, no other file. */
export function pageOf(evaluation: Evaluation): string {
  const { report } = evaluation;
  const { model } = report;
  const [facts = '', ...labels] = dataLines(report);
  const { section, data } = courseSection(evaluation);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(`Evaluation of ${model.file}`)}</title>
<style>${style}</style></head><body>
<h1>Evaluation of ${escaped(model.file)}</h1>
<p class="dim">${escaped(facts)}; ${escaped(model.origin)}; <code>sha256 ${escaped(model.sha256)}</code></p>
<ul>${labels.map((line) => `<li>${escaped(line.trim())}</li>`).join('')}</ul>
<h2>All modes</h2>
${htmlTable(summaryRows(report), 2)}
<p class="dim">A warm output has seen enough samples since the recording began; in sequence it is the last of a window.</p>
${refusals(report)}
${evaluatedModes(report)
  .map((mode) => modeSection(report, mode))
  .join('\n')}
${section}
<p class="dim">Written by lstmd ${escaped(packageVersion())} at ${new Date().toISOString()}.</p>
<script type="application/json" id="data">${data}</script>
<script>${script}</script>
</body></html>
`;
}

function refusals({ modes }: EvaluationReport): string {
  return Object.entries(modes)
    .flatMap(([mode, found]) =>
      found.exact
        ? []
        : [`<p>${escaped(`${mode} is not exact: ${found.layer}: ${found.reason}`)}</p>`],
    )
    .join('\n');
}

function modeSection(
  { model, far }: EvaluationReport,
  { mode, engine, target, all, warm, notJudged, resets }: ReturnType<typeof evaluatedModes>[number],
): string {
  const alarms = warm.curves.flatMap(({ class: name, alarm }) =>
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
  const thresholds = htmlTable([['class', 'threshold', 'false alarms', 'found'], ...alarms], 1);
  const notes = [
    `engine ${engine} (${target})`,
    ...(notJudged > 0 ? [`${notJudged} outputs not judged`] : []),
    ...(resets > 0 ? [`the state exploded and was reset ${resets} times`] : []),
  ];
  return `<h2>${escaped(mode)}</h2>
<p class="dim">${escaped(notes.join('; '))}</p>
<div class="charts">
${confusionTable(model.classes, warm.confusion)}
${curveChart({
  title: 'ROC (dashed: with warm-up)',
  xName: 'false alarms',
  yName: 'found',
  lines: [...rocLines(all, true), ...rocLines(warm, false)],
  hasDiagonal: true,
})}
${curveChart({
  title: 'Precision and recall (dashed: with warm-up)',
  xName: 'recall',
  yName: 'precision',
  lines: [...precisionLines(all, true), ...precisionLines(warm, false)],
  hasDiagonal: false,
})}
<figure><figcaption>Thresholds for ${shareText(far)} false alarms, warm</figcaption>${thresholds}</figure>
</div>`;
}

function rocLines({ curves }: ClassifyFigures, isDashed: boolean): ChartLine[] {
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

function precisionLines({ curves }: ClassifyFigures, isDashed: boolean): ChartLine[] {
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
