import { styleText } from 'node:util';
import type { TrialStream } from '../../agent/trial-stream.js';
import { isObject } from '../../base/json.js';
import { bar, block, dim } from '../terminal/screen.js';
import { numbersOf, type ShownNumber } from './record-members.js';

const barWidth = 40;
const historyColumns = 60;
/** The time that one column of the history stands for. */
const columnMs = 500;
const nameWidth = 14;
/** More numbers than this are only counted: a screen has no room for them. */
const shownNumbers = 12;

/** The lines of a live view that show one stream. */
export class StreamPanel {
  readonly #stream: TrialStream;
  #numbers: readonly ShownNumber[] = [];
  #label = '';
  #seq = 0;
  #isWarm = true;
  #event = '';
  /** The peak of each column of the first number. */
  readonly #history: number[] = [];
  #columnStartMs = 0;
  #peak = -Infinity;
  readonly #largest = new Map<string, number>();

  constructor(stream: TrialStream) {
    this.#stream = stream;
  }

  /** Takes the JSON of a record. */
  take(kind: string, payload: string, nowMs: number = performance.now()): void {
    const record: unknown = JSON.parse(payload);
    if (!isObject(record)) {
      return;
    }
    if (kind === 'event') {
      const name = record['label'] ?? record['event'];
      this.#event = `${String(name)} ${String(record['state'])} at sample ${String(record['seq'])}`;
      return;
    }
    this.#numbers = numbersOf(record);
    this.#label = typeof record['label'] === 'string' ? record['label'] : '';
    this.#seq = Number(record['seq']);
    this.#isWarm = record['warm'] === true;
    for (const { name, value } of this.#numbers) {
      this.#largest.set(name, Math.max(this.#largest.get(name) ?? 0, Math.abs(value)));
    }
    this.#peak = Math.max(this.#peak, this.#numbers[0]?.value ?? -Infinity);
    if (nowMs - this.#columnStartMs >= columnMs) {
      this.#columnStartMs = nowMs;
      this.#history.push(this.#peak);
      this.#history.splice(0, this.#history.length - historyColumns);
      this.#peak = -Infinity;
    }
  }

  get lines(): string[] {
    const { prepared, name, connected, samples, measuredHz, gaps } = this.#stream;
    const { config, engine, target, plan, stepper } = prepared;
    const rate = measuredHz === null ? '' : `   ${measuredHz.toFixed(1)} samples/s`;
    const missing = gaps.count > 0 ? `   ${gaps.count} gaps (${Math.round(gaps.lengthMs)} ms)` : '';
    const waiting = connected ? '' : `   ${styleText('yellow', 'not open')}`;
    const shown = this.#numbers.slice(0, shownNumbers);
    const more = this.#numbers.length - shown.length;
    return [
      '',
      `  ${styleText('bold', name)}   ${plan.name}   ${stepper.program.mode}   ${engine} (${target})`,
      '',
      `  ${row('sensor')}${config.sensor.link}${rate}   sample ${Math.max(samples, this.#seq)}${missing}${waiting}`,
      ...(this.#isWarm ? [] : [`  ${row('')}${dim('not warm yet')}`]),
      ...shown.map((number) => this.#numberLine(number)),
      ...(more > 0 ? [`  ${row('')}${dim(`and ${more} more`)}`] : []),
      ...(this.#history.length > 0 ? [`  ${row('history')}${this.#historyText()}`] : []),
      ...(this.#label === '' ? [] : [`  ${row('label')}${this.#label}`]),
      ...(this.#event === '' ? [] : [`  ${row('event')}${this.#event}`]),
    ];
  }

  #numberLine({ name, value, isProbability }: ShownNumber): string {
    const largest = isProbability ? 1 : (this.#largest.get(name) ?? 1);
    const color = isProbability && value >= 0.5 ? 'green' : 'cyan';
    const text = isProbability ? value.toFixed(3) : String(Number(value.toPrecision(5)));
    return `  ${row(name)}${bar(Math.abs(value) / (largest || 1), barWidth, color)} ${styleText('bold', text)}`;
  }

  #historyText(): string {
    const top = this.#numbers[0]?.isProbability === true ? 1 : Math.max(...this.#history, 0);
    return styleText('cyan', this.#history.map((each) => block(each / (top || 1))).join(''));
  }
}

function row(name: string): string {
  return dim(name.slice(0, nameWidth - 2).padEnd(nameWidth));
}
