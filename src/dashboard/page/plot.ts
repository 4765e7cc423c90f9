import uPlot from 'uplot';
import { newestOf, shownMs, type Course } from './course.js';
import { make } from './element.js';
import { markPainter } from './mark-painter.js';
import { shortText } from './number-text.js';
import { colour } from './theme.js';

/** A line of a plot. */
export interface Line {
  readonly name: string;
  /** Its values, of which each belongs to a column. */
  readonly values: readonly (number | null | undefined)[];
  /** The lowest values of the columns, where `values` are the highest. */
  readonly low?: readonly (number | null | undefined)[] | undefined;
}

export interface PlotOptions {
  readonly title: string;
  readonly course: Course;
  readonly lines: readonly Line[];
  /** The bounds of the vertical axis; default: what the values need. */
  readonly range?: readonly [number, number] | undefined;
  /** Levels at which events turn on. */
  readonly levels?: readonly number[] | undefined;
  /** Marks have their names in it. */
  readonly namesMarks: boolean;
}

const plotHeight = 200;

/** A plot with its title, and a legend of buttons that show the newest values and take lines away. */
export class Plot {
  readonly element: HTMLElement;
  readonly #options: PlotOptions;
  readonly #canvas: HTMLElement;
  readonly #plot: uPlot;
  readonly #values: readonly HTMLOutputElement[];
  readonly #resize: ResizeObserver;

  constructor(options: PlotOptions) {
    const { title, lines } = options;
    this.#options = options;
    this.element = make('section', 'card');
    const heading = make('h2', '', title);
    const head = make('div', 'plot-head');
    const legend = make('ul', 'legend');
    const values = lines.map((line, n) => this.#legendItem(legend, line, n));
    this.#values = values;
    head.append(heading, legend);
    this.#canvas = make('div', 'plot');
    this.#canvas.setAttribute('role', 'img');
    this.element.setAttribute('aria-label', title);
    this.element.append(head, this.#canvas);
    this.#plot = new uPlot(this.#plotOptions(), this.#data(), this.#canvas);
    this.#resize = new ResizeObserver(() => {
      const width = this.#canvas.clientWidth;
      if (width > 0) {
        this.#plot.setSize({ width, height: plotHeight });
      }
    });
    this.#resize.observe(this.#canvas);
  }

  /** Draws what there is, up to this time. */
  draw(untilMs: number): void {
    this.#plot.batch(() => {
      this.#plot.setData(this.#data(), false);
      this.#plot.setScale('x', { min: untilMs - shownMs, max: untilMs });
    });
    const said = this.#options.lines.map(({ name, values }, n) => {
      const text = shortText(newestOf(values));
      const output = this.#values[n];
      if (output !== undefined) {
        output.textContent = text;
      }
      return `${name} ${text}`;
    });
    this.#canvas.setAttribute(
      'aria-label',
      `${this.#options.title}, last minute. Now: ${said.join(', ')}`,
    );
  }

  remove(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
    this.element.remove();
  }

  #legendItem(legend: HTMLElement, { name }: Line, n: number): HTMLOutputElement {
    const item = make('li');
    const button = make('button');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'true');
    const swatch = make('i');
    swatch.style.background = colour(`series-${n + 1}`);
    const value = make('output');
    // It changes many times a second: whoever listens asks for it.
    value.setAttribute('aria-live', 'off');
    button.append(swatch, make('span', '', name), value);
    button.addEventListener('click', () => {
      const isShown = button.getAttribute('aria-pressed') === 'false';
      button.setAttribute('aria-pressed', String(isShown));
      for (const series of this.#seriesOf(n)) {
        this.#plot.setSeries(series, { show: isShown });
      }
    });
    item.append(button);
    legend.append(item);
    return value;
  }

  /** The numbers of a line's series; 0 is that of the time. */
  #seriesOf(line: number): number[] {
    return this.#hasBands ? [2 * line + 1, 2 * line + 2] : [line + 1];
  }

  get #hasBands(): boolean {
    return this.#options.lines.some(({ low }) => low !== undefined);
  }

  #data(): uPlot.AlignedData {
    const { course, lines } = this.#options;
    const rows = lines.flatMap(({ values, low }) =>
      this.#hasBands ? [values, low ?? values] : [values],
    );
    return [course.timeMs, ...rows.map((row) => row.slice())];
  }

  #plotOptions(): uPlot.Options {
    const { course, lines, range, levels, namesMarks } = this.#options;
    const axis = {
      stroke: colour('faint'),
      grid: { stroke: colour('grid'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    const series = lines.flatMap((_, n): uPlot.Series[] => {
      const line: uPlot.Series = {
        stroke: colour(`series-${n + 1}`),
        width: 1.75,
        points: { show: false },
        spanGaps: false,
      };
      return this.#hasBands ? [line, { ...line }] : [line];
    });
    return {
      width: Math.max(200, this.#canvas.clientWidth || 600),
      height: plotHeight,
      ms: 1,
      legend: { show: false },
      cursor: { show: false },
      padding: [6, 8, 0, 0],
      scales: {
        x: { time: true },
        y:
          range === undefined
            ? { range: { min: { pad: 0.1 }, max: { pad: 0.1 } } }
            : { range: widened(range) },
      },
      axes: [
        {
          ...axis,
          values: (_, ticks) => ticks.map((at) => new Date(at).toLocaleTimeString('en-GB')),
          space: 90,
          size: 28,
        },
        { ...axis, size: 46, ...(range !== undefined && { splits: () => ticksOf(range) }) },
      ],
      series: [{}, ...series],
      bands: this.#hasBands
        ? lines.map((_, n) => ({
            series: [2 * n + 1, 2 * n + 2] as [number, number],
            fill: `${colour(`series-${n + 1}`)}33`,
          }))
        : [],
      plugins: [markPainter(() => course, namesMarks), levelPainter(levels ?? [])],
    };
  }
}

/** Draws horizontal lines at these values. */
function levelPainter(levels: readonly number[]): uPlot.Plugin {
  return {
    hooks: {
      drawAxes: (plot) => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.strokeStyle = colour('event');
        ctx.globalAlpha = 0.6;
        ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
        ctx.lineWidth = devicePixelRatio;
        for (const level of levels) {
          const top = plot.valToPos(level, 'y', true);
          if (top >= bbox.top && top <= bbox.top + bbox.height) {
            ctx.beginPath();
            ctx.moveTo(bbox.left, top);
            ctx.lineTo(bbox.left + bbox.width, top);
            ctx.stroke();
          }
        }
        ctx.restore();
      },
    },
  };
}

/** Five ticks from end to end. */
function ticksOf([low, high]: readonly [number, number]): number[] {
  return [0, 1, 2, 3, 4].map((n) => low + (n * (high - low)) / 4);
}

/** With room for a line that lies on a bound. */
function widened([low, high]: readonly [number, number]): [number, number] {
  const room = 0.03 * (high - low);
  return [low - room, high + room];
}
