import { styleText } from 'node:util';
import { bar, block, dim, Screen } from '../terminal/screen.js';

/** The values that the demo shows. All but the wearer's activity came through the broker. */
export interface DemoState {
  readonly link: string;
  readonly brokerUrl: string;
  readonly topicFilter: string;
  /** The address at which the dashboard is served; empty for none. */
  dashboardUrl: string;
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
  #hasHeadline = false;
  /** It is there on a terminal alone; elsewhere lines are written by the timer. */
  readonly #screen: Screen | undefined;
  #timer: NodeJS.Timeout | undefined;

  readonly #state: DemoState;
  readonly #out: NodeJS.WriteStream;

  constructor(state: DemoState, out: NodeJS.WriteStream) {
    this.#state = state;
    this.#out = out;
    this.#screen = out.isTTY ? new Screen(out, () => this.#frame()) : undefined;
  }

  start(): void {
    this.#screen?.start();
    if (this.#screen === undefined) {
      this.#timer = setInterval(() => this.#writeLine(), 1000);
    }
  }

  stop(): void {
    this.#screen?.stop();
    if (this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#writeLine();
    }
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

  #writeLine(): void {
    this.#measureRate();
    if (this.#state.received === 0) {
      return;
    }
    if (!this.#hasHeadline) {
      this.#hasHeadline = true;
      this.#out.write(`${this.#headline()}\n`);
    }
    this.#out.write(`${this.#line()}\n`);
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
    const { mode, engine, target, resumed, brokerUrl, topicFilter, dashboardUrl } = this.#state;
    const page = dashboardUrl === '' ? '' : `   dashboard: ${dashboardUrl}`;
    return `lstmd   ${mode}   ${engine} (${target})   ${resumed}   subscribe: ${brokerUrl} topic ${topicFilter}${page}`;
  }

  #line(): string {
    const { label, probability, seq, activity } = this.#state;
    return `sample ${seq}  ${this.#rateHz.toFixed(1)}/s  ${label} ${probability.toFixed(3)}  wearer ${activity}`;
  }

  #frame(): string[] {
    this.#measureRate();
    const state = this.#state;
    const color = state.probability >= 0.5 ? 'green' : 'cyan';
    return [
      '',
      `  ${styleText('bold', 'lstmd')}   ${state.mode}   ${state.engine} (${state.target})   ${state.resumed}`,
      '',
      `  ${dim('sensor')}      ${state.link}   ${this.#rateHz.toFixed(1)} samples/s   sample ${state.seq}`,
      `  ${dim('wearer')}      ${state.activity}`,
      '',
      `  ${dim(state.label.padEnd(10))}  ${bar(state.probability, barWidth, color)} ${styleText('bold', state.probability.toFixed(3))}`,
      `  ${dim('history')}     ${styleText(color, this.#history.map(block).join(''))}`,
      '',
      `  ${dim('subscribe')}   ${state.brokerUrl}   topic ${state.topicFilter}`,
      ...(state.dashboardUrl === '' ? [] : [`  ${dim('dashboard')}   ${state.dashboardUrl}`]),
      `  ${dim('state')}       ${state.stateDirectory}   ${dim('Ctrl-C saves it')}`,
      '',
    ];
  }
}
