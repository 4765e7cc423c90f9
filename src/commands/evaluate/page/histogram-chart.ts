import type { ScoreDistribution } from '../judging/score-judge.js';
import { countText, numberText } from '../number-text.js';
import { escaped } from './html.js';

/** Scores of one kind, with the name and the colour of their bars. */
export interface HistogramSeries {
  readonly name: string;
  readonly colour: number;
  readonly scores: ScoreDistribution;
}

const width = 420;
const height = 200;
const foot = 24;

/** How scores of several kinds are distributed, each as a share of its own, and where the threshold is. */
export function histogramChart(
  title: string,
  series: readonly HistogramSeries[],
  threshold: number | null,
): string {
  const shown = series.filter(({ scores }) => scores.count > 0);
  const low = Math.min(...shown.map(({ scores }) => scores.min ?? 0));
  const highest = Math.max(...shown.map(({ scores }) => scores.max ?? 0));
  const high = highest > low ? highest : low + 1;
  const xOf = (value: number) => Math.round((10 * width * (value - low)) / (high - low)) / 10;
  const bars = shown.map((each) => barsOf(each, xOf)).join('');
  const line =
    threshold === null || threshold < low || threshold > high
      ? ''
      : `<path class="guess" d="M${xOf(threshold)} 0V${height}"><title>threshold ${escaped(numberText(threshold))}</title></path>`;
  const legend = shown
    .map(
      ({ name, colour, scores }) =>
        `<li><i class="c${colour}"></i>${escaped(name)}: ${countText(scores.count)}</li>`,
    )
    .join('');
  return `<figure><figcaption>${escaped(title)}</figcaption>
<svg class="wide" viewBox="0 0 ${width} ${height + foot}" role="img" aria-label="${escaped(title)}"><path class="grid" d="M0 ${height}H${width}"/>${bars}${line}
<text x="0" y="${height + 16}">${escaped(numberText(low))}</text><text x="${width}" y="${height + 16}" text-anchor="end">${escaped(numberText(high))}</text></svg>
<ul class="legend">${legend}${threshold === null ? '' : '<li>dashed: the threshold</li>'}</ul></figure>`;
}

function barsOf({ name, colour, scores }: HistogramSeries, xOf: (value: number) => number): string {
  const { low, high, counts } = scores.histogram;
  if (low === null || high === null) {
    return '';
  }
  const most = Math.max(...counts);
  const step = (high - low) / counts.length;
  const bars = counts.map((count, n) => {
    const from = xOf(low + n * step);
    const wide = Math.max(1, xOf(low + (n + 1) * step) - from);
    const tall = Math.round((10 * (height - 8) * count) / most) / 10;
    const hint = `${name}: ${countText(count)} from ${numberText(low + n * step)} to ${numberText(low + (n + 1) * step)}`;
    return `<rect x="${from}" y="${height - tall}" width="${wide}" height="${tall}"><title>${escaped(hint)}</title></rect>`;
  });
  return `<g class="c${colour} bars">${bars.join('')}</g>`;
}
