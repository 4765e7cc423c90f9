import type { Evaluation } from '../classifier-evaluation.js';
import { evaluatedModes } from '../report.js';
import { shareText } from '../number-text.js';
import { courseOf, labelCourse } from './course-data.js';
import { escaped, scriptJson } from './html.js';

/** Bytes of the courses that a page holds at most; the recordings with most mistakes come first. */
const mostBytes = 6 * 2 ** 20;

/**
 * The outputs over time: a choice of recordings, a canvas for each mode, and the data that the page's script
 * draws.
 */
export function courseSection(evaluation: Evaluation): {
  readonly section: string;
  readonly data: string;
} {
  const { report, recordings, series } = evaluation;
  const shown = shownRecordings(evaluation);
  const isOneOutput = series.every(({ names }) => names.length === 1);
  const data = scriptJson({
    labels: report.model.classes,
    // The only output has the first colour, and so has its label.
    labelColours: report.model.classes.map((_, n) => (isOneOutput ? (n === 0 ? 7 : 0) : n % 8)),
    recordings: shown.map((index) => {
      const recording = recordings[index];
      return recording === undefined
        ? null
        : { samples: recording.samples, labels: labelCourse(recording.labels) };
    }),
    modes: series.map(({ names, stride, recordings: courses }) => ({
      names,
      stride,
      colours: names.map((_, n) => n % 8),
      low: 0,
      high: 1,
      courses: shown.map((index) => courses[index]?.map((sketch) => courseOf(sketch, 0, 1)) ?? []),
    })),
  });
  const options = shown.map(
    (index, n) => `<option value="${n}">${escaped(recordingText(evaluation, index))}</option>`,
  );
  const left = recordings.length - shown.length;
  const names = series[0]?.names ?? [];
  const key = names
    .map((name, n) => `<span class="c${n % 8}"><i></i>${escaped(name)}</span>`)
    .join('');
  const canvases = series
    .map(
      ({ mode }, n) =>
        `<figure class="course"><figcaption>${escaped(mode)}</figcaption><canvas id="course-${n}" role="img" aria-label="outputs over time, ${escaped(mode)}"></canvas><div class="read"></div></figure>`,
    )
    .join('\n');
  const section = `<h2>Outputs over time</h2>
<p><label>Recording: <select id="recording">${options.join('')}</select></label>${left > 0 ? ` <span class="dim">${left} more, with fewer mistakes, would make the page too large</span>` : ''}</p>
<p class="key">${key}</p>
${canvases}`;
  return { section, data };
}

/** The recordings with most mistakes first, as many as the page may hold. */
function shownRecordings({ report, recordings, series }: Evaluation): number[] {
  const wrong = recordings.map(() => 0);
  for (const { recordings: found } of evaluatedModes(report)) {
    for (const { recording, outputs, right } of found) {
      wrong[recording] = (wrong[recording] ?? 0) + (outputs === 0 ? 0 : 1 - right / outputs);
    }
  }
  const order = [...recordings.keys()].sort((a, b) => (wrong[b] ?? 0) - (wrong[a] ?? 0));
  let bytes = 0;
  return order.filter((index) => {
    for (const { recordings: courses } of series) {
      bytes += (courses[index] ?? []).reduce((sum, { low }) => sum + 2.7 * low.length, 0);
    }
    return bytes <= mostBytes;
  });
}

function recordingText({ report, recordings }: Evaluation, index: number): string {
  const shares = evaluatedModes(report).flatMap(({ mode, recordings: found }) => {
    const own = found[index];
    return own === undefined || own.outputs === 0
      ? []
      : [`${mode} ${shareText(own.right / own.outputs)}`];
  });
  return `${recordings[index]?.path ?? ''}${shares.length === 0 ? '' : ` (right: ${shares.join(', ')})`}`;
}
