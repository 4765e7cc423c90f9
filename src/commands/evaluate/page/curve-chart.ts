import { escaped } from './html.js';

/** A line of a chart; x and y are from 0 to 1. */
export interface ChartLine {
  readonly name: string;
  /** Says which of the page's colours it has. */
  readonly colour: number;
  readonly isDashed?: boolean;
  readonly points: readonly ChartPoint[];
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** Shown where the pointer is on it. */
  readonly hint: string;
}

export interface CurveChart {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  readonly lines: readonly ChartLine[];
  /** True when the line of a guess, from (0, 0) to (1, 1), is drawn. */
  readonly hasDiagonal: boolean;
}

const size = 260;
const left = 44;
const top = 10;
const bottom = 40;
/** Points with a hint, of each line. */
const hints = 40;

/** A square chart of curves as SVG, with its legend. */
export function curveChart({ title, xName, yName, lines, hasDiagonal }: CurveChart): string {
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const grid = ticks
    .map(
      (tick) =>
        `<path class="grid" d="M${xOf(tick)} ${yOf(0)}V${yOf(1)}M${xOf(0)} ${yOf(tick)}H${xOf(1)}"/>` +
        `<text x="${xOf(tick)}" y="${yOf(0) + 15}" text-anchor="middle">${tick}</text>` +
        `<text x="${xOf(0) - 6}" y="${yOf(tick) + 4}" text-anchor="end">${tick}</text>`,
    )
    .join('');
  const diagonal = hasDiagonal
    ? `<path class="guess" d="M${xOf(0)} ${yOf(0)}L${xOf(1)} ${yOf(1)}"/>`
    : '';
  const names =
    `<text class="name" x="${xOf(0.5)}" y="${yOf(0) + 33}" text-anchor="middle">${escaped(xName)}</text>` +
    `<text class="name" transform="translate(11 ${yOf(0.5)}) rotate(-90)" text-anchor="middle">${escaped(yName)}</text>`;
  const legend = lines
    .map(
      ({ name, colour, isDashed = false }) =>
        `<li><i class="c${colour}${isDashed ? ' dashed' : ''}"></i>${escaped(name)}</li>`,
    )
    .join('');
  return `<figure><figcaption>${escaped(title)}</figcaption>
<svg viewBox="0 0 ${left + size + 12} ${top + size + bottom}" role="img" aria-label="${escaped(title)}">${grid}${diagonal}${names}${lines.map(lineSvg).join('')}</svg>
<ul class="legend">${legend}</ul></figure>`;
}

function lineSvg({ points, colour, isDashed = false }: ChartLine): string {
  const path = points.map(({ x, y }, n) => `${n === 0 ? 'M' : 'L'}${xOf(x)} ${yOf(y)}`).join('');
  const every = Math.ceil(points.length / hints);
  const spots = isDashed
    ? ''
    : points
        .filter((_, n) => n % every === 0 || n === points.length - 1)
        .map(
          ({ x, y, hint }) =>
            `<circle cx="${xOf(x)}" cy="${yOf(y)}" r="5"><title>${escaped(hint)}</title></circle>`,
        )
        .join('');
  return `<g class="c${colour}${isDashed ? ' dashed' : ''}"><path class="curve" d="${path}"/>${spots}</g>`;
}

function xOf(value: number): number {
  return rounded(left + size * value);
}

function yOf(value: number): number {
  return rounded(top + size * (1 - value));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
