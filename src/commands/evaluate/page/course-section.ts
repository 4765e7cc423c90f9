import type { Sketch } from '../../../evaluation/series-sketch.js';
import type { Evaluation, ModeSeries } from '../evaluation.js';
import { evaluatedModes, type EvaluationReport } from '../report.js';
import { recordingVerdicts } from '../recording-verdicts.js';
import { courseOf, labelCourse } from './course-data.js';
import { escaped, scriptJson } from './html.js';

/** Bytes of the courses that a page holds at most; the recordings with most mistakes come first. */
const mostBytes = 6 * 2 ** 20;

/** The page's colour of scores. */
const scoreColour = 5;

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
  const isBinary = report.model.task === 'classify' && report.model.classes.length === 2;
  const isScored = report.model.task === 'reconstruct' || report.model.task === 'forecast';
  // The colours of normal samples and of anomalies are those of the histogram; the score has one of its own.
  const coloursOf = ({ names, targetOf }: ModeSeries) =>
    names.map((_, n) => (isScored ? scoreColour : (targetOf[n] ?? n) % 8));
  const data = scriptJson({
    labels: report.model.classes,
    // The first colour tells the positive one of two classes, as its probability is told.
    labelColours: report.model.classes.map((_, n) => (!isBinary ? n % 8 : n === 0 ? 7 : 0)),
    recordings: shown.map((index) => {
      const recording = recordings[index];
      return recording === undefined
        ? null
        : { samples: recording.samples, labels: labelCourse(recording.labels) };
    }),
    modes: series.map((each) => {
      const { mode, names, stride, targetOf, recordings: courses } = each;
      const { low, high } =
        report.model.task === 'classify' ? { low: 0, high: 1 } : rangeOf(courses);
      return {
        names,
        stride,
        colours: coloursOf(each),
        dashed: targetOf.map((of) => of !== undefined),
        threshold: thresholdOf(report, mode),
        low,
        high,
        courses: shown.map(
          (index) => courses[index]?.map((sketch) => courseOf(sketch, low, high)) ?? [],
        ),
      };
    }),
  });
  const options = shown.map(
    (index, n) => `<option value="${n}">${escaped(recordingText(evaluation, index))}</option>`,
  );
  const left = recordings.length - shown.length;
  const [first] = series;
  const colours = first === undefined ? [] : coloursOf(first);
  const key = (first?.names ?? [])
    .map((name, n) => {
      const dashed = first?.targetOf[n] === undefined ? '' : ' class="dashed"';
      return `<span class="c${colours[n]}"><i${dashed}></i>${escaped(name)}</span>`;
    })
    .join('');
  const hasThreshold = series.some(({ mode }) => thresholdOf(report, mode) !== undefined);
  const canvases = series
    .map(
      ({ mode }, n) =>
        `<figure class="course"><figcaption>${escaped(mode)}</figcaption><canvas id="course-${n}" role="img" aria-label="outputs over time, ${escaped(mode)}"></canvas><div class="read"></div></figure>`,
    )
    .join('\n');
  const section = `<h2>Outputs over time</h2>
<p><label>Recording: <select id="recording">${options.join('')}</select></label>${left > 0 ? ` <span class="dim">${left} more, with fewer mistakes, would make the page too large</span>` : ''}</p>
<p class="key">${key}${hasThreshold ? '<span>dashed: the threshold</span>' : ''}</p>
${canvases}`;
  return { section, data };
}

/** The threshold of scores in a mode, which is drawn across them; undefined where there is none. */
function thresholdOf(report: EvaluationReport, mode: ModeSeries['mode']): number | undefined {
  const found = report.modes[mode];
  return found?.exact === true && (found.task === 'reconstruct' || found.task === 'forecast')
    ? found.warm.curve.alarm?.threshold
    : undefined;
}

/** The recordings with most mistakes first, as many as the page may hold. */
function shownRecordings({ report, recordings, series }: Evaluation): number[] {
  const wrong = recordings.map(() => 0);
  for (const mode of evaluatedModes(report)) {
    for (const { recording, badness } of recordingVerdicts(mode)) {
      wrong[recording] = (wrong[recording] ?? 0) + badness;
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
  const verdicts = evaluatedModes(report).flatMap((mode) =>
    recordingVerdicts(mode)
      .filter(({ recording }) => recording === index)
      .map(({ text }) => `${mode.mode} ${text}`),
  );
  return `${recordings[index]?.path ?? ''}${verdicts.length === 0 ? '' : ` (${verdicts.join(', ')})`}`;
}

/** From the lowest to the highest number of any recording. */
function rangeOf(courses: readonly (readonly Sketch[])[]): {
  readonly low: number;
  readonly high: number;
} {
  let low = Infinity;
  let high = -Infinity;
  for (const sketch of courses.flat()) {
    for (const value of sketch.low) {
      low = value < low ? value : low;
    }
    for (const value of sketch.high) {
      high = value > high ? value : high;
    }
  }
  return low < high
    ? { low, high }
    : { low: 0, high: Number.isFinite(high) && high > 0 ? high : 1 };
}
