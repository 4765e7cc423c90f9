import { styleText } from 'node:util';

/** The values that the demo shows. All but the wearer's activity came through the broker. */
export interface DemoState {
  readonly link: string;
  readonly brokerUrl: string;
  readonly topicFilter: string;
  readonly stateDirectory: string;
  /** The activity of the simulated wearer: standing, walking or running. */
  activity: string;
  mode: string;
  engine: string;
  target: string;
  label: string;
  /** `fresh start`, or from which sample it resumed and how long ago that was saved. */
  resumed: string;
  probability: number;
  seq: number;
  /** Predictions since the view began. */
  received: number;
}

const barWidth = 40;
/** The width that is assumed of a terminal that tells 0. */
const defaultColumns = 80;
const historyBlocks = ' ▁▂▃▄▅▆▇█';
const framesPerSecond = 10;
/** The time that one column of the history stands for. */
const columnMs = 500;
const rateWindowMs = 2000;

/** Draws the demo's state in place on a terminal; elsewhere it writes a line a second. */
export class LiveView {
  readonly #history: number[] = [];
  #columnStartMs = 0;
  #columnPeak = 0;
  #rateStartMs = performance.now();
  #rateStartCount = 0;
  #rateHz = 0;
  #drawnLines = 0;
  #timer: NodeJS.Timeout | undefined;

  readonly #state: DemoState;
  readonly #out: NodeJS.WriteStream;

  constructor(state: DemoState, out: NodeJS.WriteStream) {
    this.#state = state;
    this.#out = out;
  }

  start(): void {
    if (this.#out.isTTY) {
      this.#out.write('\x1b[?25l');
    }
    const periodMs = this.#out.isTTY ? 1000 / framesPerSecond : 1000;
    this.#timer = setInterval(() => this.#draw(), periodMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#timer !== undefined) {
      this.#draw();
    }
    if (this.#timer !== undefined && this.#out.isTTY) {
      this.#out.write('\x1b[?25h');
    }
    this.#timer = undefined;
  }

  /** Adds a prediction to the history, of which each column shows the highest of its time. */
  add(probability: number, nowMs: number = performance.now()): void {
    this.#columnPeak = Math.max(this.#columnPeak, probability);
    if (nowMs - this.#columnStartMs < columnMs) {
      return;
    }
    this.#history.push(this.#columnPeak);
    if (this.#history.length > 2 * barWidth) {
      this.#history.shift();
    }
    this.#columnStartMs = nowMs;
    this.#columnPeak = 0;
  }

  #draw(): void {
    this.#measureRate();
    if (!this.#out.isTTY) {
      if (this.#state.received === 0) {
        return;
      }
      if (this.#drawnLines === 0) {
        this.#out.write(`${this.#headline()}\n`);
      }
      this.#drawnLines = 1;
      this.#out.write(`${this.#line()}\n`);
      return;
    }
    const lines = this.#screen().map((line) => clip(line, this.#out.columns || defaultColumns));
    const home = this.#drawnLines > 0 ? `\x1b[${this.#drawnLines}A\r` : '';
    this.#out.write(`${home}${lines.map((line) => `\x1b[2K${line}`).join('\n')}\n`);
    this.#drawnLines = lines.length;
  }

  #measureRate(): void {
    const elapsedMs = performance.now() - this.#rateStartMs;
    if (elapsedMs < rateWindowMs && this.#rateHz > 0) {
      return;
    }
    this.#rateHz = ((this.#state.received - this.#rateStartCount) * 1000) / elapsedMs;
    if (elapsedMs < rateWindowMs) {
      return;
    }
    this.#rateStartMs = performance.now();
    this.#rateStartCount = this.#state.received;
  }

  #headline(): string {
    const { mode, engine, target, resumed, brokerUrl, topicFilter } = this.#state;
    return `lstmd   ${mode}   ${engine} (${target})   ${resumed}   subscribe: ${brokerUrl} topic ${topicFilter}`;
  }

  #line(): string {
    const { label, probability, seq, activity } = this.#state;
    return `sample ${seq}  ${this.#rateHz.toFixed(1)}/s  ${label} ${probability.toFixed(3)}  wearer ${activity}`;
  }

  #screen(): string[] {
    const state = this.#state;
    const filled = Math.round(state.probability * barWidth);
    const bar = '█'.repeat(filled) + styleText('dim', '░'.repeat(barWidth - filled));
    const color = state.probability >= 0.5 ? 'green' : 'cyan';
    return [
      '',
      `  ${styleText('bold', 'lstmd')}   ${state.mode}   ${state.engine} (${state.target})   ${state.resumed}`,
      '',
      `  ${dim('sensor')}      ${state.link}   ${this.#rateHz.toFixed(1)} samples/s   sample ${state.seq}`,
      `  ${dim('wearer')}      ${state.activity}`,
      '',
      `  ${dim(state.label.padEnd(10))}  ${styleText(color, bar)} ${styleText('bold', state.probability.toFixed(3))}`,
      `  ${dim('history')}     ${styleText(color, this.#history.map(block).join(''))}`,
      '',
      `  ${dim('subscribe')}   ${state.brokerUrl}   topic ${state.topicFilter}`,
      `  ${dim('state')}       ${state.stateDirectory}   ${dim('Ctrl-C saves it')}`,
      '',
    ];
  }
}

function block(probability: number): string {
  const top = historyBlocks.length - 1;
  return historyBlocks[Math.min(top, Math.max(1, Math.round(probability * top)))] ?? ' ';
}

const escape = '\u001b[';

/** Cuts a line to the terminal's width, not counting escape sequences, so that it never wraps. */
function clip(line: string, columns: number): string {
  let left = columns;
  return line
    .split(escape)
    .map((part, index) => {
      const styleEnd = index === 0 ? 0 : part.indexOf('m') + 1;
      const text = part.slice(styleEnd, styleEnd + left);
      left -= text.length;
      return `${index === 0 ? '' : escape}${part.slice(0, styleEnd)}${text}`;
    })
    .join('');
}

function dim(text: string): string {
  return styleText('dim', text);
}
