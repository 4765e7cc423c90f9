import type uPlot from 'uplot';
import type { Mark } from '../messages.js';
import type { Course } from './course.js';
import { eventText } from './names.js';
import { colour } from './theme.js';

/** A mark that has no length. */
type Moment = Exclude<Mark, { what: 'gap' }>;

const nameHeight = 17;

/** Draws on a plot what happened: gaps as bands, starts and events as lines, the latter with their names where asked for. */
export function markPainter(course: () => Course | undefined, isNamed: boolean): uPlot.Plugin {
  return {
    hooks: {
      drawAxes: (plot) => paint(plot, course()?.marks ?? [], 'below', isNamed),
      draw: (plot) => paint(plot, course()?.marks ?? [], 'above', isNamed),
    },
  };
}

function paint(
  plot: uPlot,
  marks: readonly Mark[],
  layer: 'below' | 'above',
  isNamed: boolean,
): void {
  const { ctx, bbox, scales } = plot;
  const x = scales['x'];
  if (x?.min === undefined || x.max === undefined) {
    return;
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  /** Holds where the newest name of each row of names ends. */
  const ends: number[] = [];
  for (const mark of marks) {
    if (mark.at > x.max || mark.at + lengthOf(mark) < x.min) {
      continue;
    }
    const left = plot.valToPos(mark.at, 'x', true);
    if (mark.what === 'gap' && layer === 'below') {
      const right = plot.valToPos(mark.at + mark.lengthMs, 'x', true);
      ctx.fillStyle = colour('gap');
      ctx.fillRect(left, bbox.top, Math.max(3, right - left), bbox.height);
    } else if (mark.what !== 'gap' && layer === 'above') {
      paintLine(ctx, bbox, left, mark);
      if (isNamed) {
        paintName(ctx, bbox, left, mark, ends);
      }
    }
  }
  ctx.restore();
}

function lengthOf(mark: Mark): number {
  return mark.what === 'gap' ? mark.lengthMs : 0;
}

function paintLine(
  ctx: CanvasRenderingContext2D,
  bbox: uPlot.BBox,
  left: number,
  mark: Moment,
): void {
  const dash = 4 * devicePixelRatio;
  const isEvent = mark.what === 'event';
  ctx.strokeStyle = colour(isEvent ? 'event' : 'faint');
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash(isEvent && mark.isOn ? [] : [dash, dash]);
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Names that would lie over each other are one below the other. */
function paintName(
  ctx: CanvasRenderingContext2D,
  bbox: uPlot.BBox,
  left: number,
  mark: Moment,
  ends: number[],
): void {
  const ratio = devicePixelRatio;
  const isEvent = mark.what === 'event';
  const text = isEvent ? eventText(mark) : 'start';
  ctx.font = `600 ${11 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  const width = ctx.measureText(text).width + 8 * ratio;
  const at = left + width > bbox.left + bbox.width ? left - width : left;
  const free = ends.findIndex((end) => end <= at);
  const row = free < 0 ? ends.length : free;
  ends[row] = at + width;
  const top = bbox.top + row * nameHeight * ratio;
  ctx.fillStyle = colour(isEvent ? 'event' : 'faint');
  ctx.fillRect(at, top, width, (nameHeight - 1) * ratio);
  ctx.fillStyle = colour('card');
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(text, at + 4 * ratio, top + (nameHeight / 2) * ratio);
}
