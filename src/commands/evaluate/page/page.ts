import { packageVersion } from '../../../base/version.js';
import type { Evaluation } from '../evaluation.js';
import { evaluatedModes, type EvaluationReport } from '../report.js';
import { dataLines, modeNotes, refusalLines } from '../report-text.js';
import { summaryRows } from '../summary-rows.js';
import { courseSection } from './course-section.js';
import { escaped, htmlTable } from './html.js';
import { modeCharts } from './mode-charts.js';
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
<p class="dim">${escaped(facts)}; ${escaped(model.origin)}; <code>sha256 ${escaped(model.sha256)}</code><br>task ${escaped(`${model.task}: ${model.taskFrom}`)}</p>
<ul>${labels.map((line) => `<li>${escaped(line.trim())}</li>`).join('')}</ul>
<h2>All modes</h2>
${htmlTable(summaryRows(report), model.task === 'classify' ? 2 : 3)}
<p class="dim">A warm output has seen enough samples since the recording began; in sequence it is the last of a window.</p>
${refusalLines(report)
  .map((line) => `<p>${escaped(line)}</p>`)
  .join('\n')}
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

function modeSection(
  report: EvaluationReport,
  mode: ReturnType<typeof evaluatedModes>[number],
): string {
  return `<h2>${escaped(mode.mode)}</h2>
<p class="dim">${escaped(modeNotes(mode).join('; '))}</p>
<div class="charts">
${modeCharts(report, mode).join('\n')}
</div>`;
}
