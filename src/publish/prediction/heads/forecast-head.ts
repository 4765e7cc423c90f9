import type { Affine } from './affine.js';
import type { Head, Measure, MeasureName } from './head.js';
import type { NamedHead } from './labels.js';
import { numberText } from './number-text.js';
import { PendingForecasts } from './pending-forecasts.js';
import type { PublishedMember } from './published-member.js';
import type { SampleWindow } from './sample-window.js';

export interface ForecastOptions {
  /** Samples from the newest to the first that is forecast; 1 is the next. */
  readonly lead: number;
  readonly rateHz: number;
  readonly metric: 'mae' | 'mse';
  /** For each output of a step the feature that it forecasts; -1 where it is none of them. */
  readonly columns: Int32Array;
  /** Fewest samples from one row of outputs to the next. */
  readonly stride: number;
}

/**
 * The steps to come with their times, `"forecast":{"ts":[...],"value":{"x":[...]}}`, and `"error":0.02` of the
 * newest forecast of which all samples have come since the last record. Only forecasts of warm rows are
 * compared; what waits is dropped where the samples do not follow each other.
 */
export class ForecastHead implements Head {
  readonly task = 'forecast';
  readonly name: string;
  readonly #named: NamedHead;
  readonly #affine: Affine;
  readonly #options: ForecastOptions;
  readonly #samples: SampleWindow;
  readonly #pending: PendingForecasts;
  readonly #keys: readonly string[];
  readonly #isCompared: boolean;
  #rows: Float32Array = new Float32Array();
  #offset = 0;
  #timeMs = 0;
  /** Number of the newest sample. */
  #sample = 0;
  /** Says where the forecast begins that came due and whose error is not computed yet. */
  #due: number | undefined;
  /** The error of the forecast that came due last, once it is computed. */
  #error: number | undefined;
  /** True when that forecast came due since the row before the newest. */
  #isNew = false;
  /** True when a record has told its error. */
  #isTold = true;
  #hasRow = true;
  #dropped = 0;

  constructor(named: NamedHead, affine: Affine, samples: SampleWindow, options: ForecastOptions) {
    const { name, steps, labels } = named;
    this.name = name;
    this.#named = named;
    this.#affine = affine;
    this.#options = options;
    this.#samples = samples;
    this.#isCompared = options.columns.some((column) => column >= 0);
    const waiting = this.#isCompared
      ? Math.ceil((options.lead - 1 + steps) / options.stride) + 1
      : 0;
    this.#pending = new PendingForecasts(steps * labels.length, waiting);
    this.#keys = labels.map((label) => `${JSON.stringify(label)}:[`);
  }

  /** Forecasts of which the samples did not all come one after the other. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A sample is in the window. It comes before the sample's row, and `hasRow` says whether there will be one. */
  sample(hasRow: boolean): void {
    this.#sample += 1;
    const due = this.#pending.takeDue(this.#sample);
    // One that nobody asked about is of samples that are no longer the newest.
    this.#due = due;
    if (due !== undefined) {
      this.#error = undefined;
      this.#isNew = true;
      this.#isTold = false;
      if (!hasRow) {
        this.#errorNow();
      }
    } else if (this.#hasRow) {
      this.#isNew = false;
    }
    this.#hasRow = hasRow;
  }

  /** The samples do not follow each other here: what waits is dropped and counted. */
  interrupt(): void {
    this.#dropped += this.#pending.drop();
    this.#due = undefined;
    this.#error = undefined;
    this.#isNew = false;
    this.#isTold = true;
  }

  row(rows: Float32Array, offset: number, timeMs: number, warm: boolean): void {
    this.#rows = rows;
    this.#offset = offset;
    this.#timeMs = timeMs;
    if (warm && this.#isCompared) {
      const { first, steps } = this.#named;
      this.#pending.add(rows, offset + first, this.#sample + this.#options.lead - 1 + steps);
    }
  }

  members(): string {
    const { first, steps, labels } = this.#named;
    const { lead, rateHz } = this.#options;
    let text = '"forecast":{"ts":[';
    for (let step = 0; step < steps; step += 1) {
      const timeMs = this.#timeMs + ((lead + step) * 1000) / rateHz;
      text += `${step > 0 ? ',' : ''}${Math.round(timeMs)}`;
    }
    text += '],"value":{';
    for (let output = 0; output < labels.length; output += 1) {
      text += `${output > 0 ? ',' : ''}${this.#keys[output] ?? ''}`;
      for (let step = 0; step < steps; step += 1) {
        const raw = this.#rows[this.#offset + first + step * labels.length + output] ?? 0;
        text += `${step > 0 ? ',' : ''}${numberText(this.#affine.valueOf(raw, output))}`;
      }
      text += ']';
    }
    text += '}}';
    const error = this.#isTold ? undefined : this.#errorNow();
    this.#isTold = true;
    return error === undefined ? text : `${text},"error":${numberText(error)}`;
  }

  measure({ label, value, feature }: MeasureName): Measure | undefined {
    const isError = label === undefined && value === undefined && feature === undefined;
    return isError && this.#isCompared
      ? () => (this.#isNew ? this.#errorNow() : undefined)
      : undefined;
  }

  get measures(): readonly string[] {
    return this.#isCompared ? ['the error'] : [];
  }

  /** The first of the steps to come is published. */
  get published(): readonly PublishedMember[] {
    const { name, labels } = this.#named;
    return [
      ...labels.map(
        (label, output) =>
          ({
            path: ['forecast', 'value', label, 0],
            what: 'forecast',
            name: label,
            units: this.#affine.units?.[output],
          }) as const,
      ),
      ...(this.#isCompared ? [{ path: ['error'], what: 'error', name } as const] : []),
    ];
  }

  get facts(): object {
    const { lead, metric, columns } = this.#options;
    const { steps, labels } = this.#named;
    return {
      labels,
      ...this.#affine.facts,
      horizon: steps,
      lead,
      error: this.#isCompared
        ? {
            metric,
            of: labels.filter((_, output) => (columns[output] ?? -1) >= 0),
            in: this.#affine.isIdentity ? 'features' : 'the units of the values',
          }
        : null,
    };
  }

  /** The error of the forecast that came due last; undefined where it was not asked for in its time. */
  #errorNow(): number | undefined {
    if (this.#due !== undefined) {
      this.#error = this.#errorAt(this.#due);
      this.#due = undefined;
    }
    return this.#error;
  }

  /** Over all steps and compared outputs; an affine's offset is in both, so that its scale alone is left. */
  #errorAt(at: number): number {
    const { steps, labels } = this.#named;
    const { metric, columns } = this.#options;
    const { values, features } = this.#samples;
    const start = this.#samples.start(steps);
    let sum = 0;
    let count = 0;
    for (let output = 0; output < labels.length; output += 1) {
      const column = columns[output] ?? -1;
      if (column < 0) {
        continue;
      }
      const scale = this.#affine.scale[output] ?? 1;
      for (let step = 0; step < steps; step += 1) {
        const forecast = this.#pending.values[at + step * labels.length + output] ?? 0;
        const error = scale * (forecast - (values[start + step * features + column] ?? 0));
        sum += metric === 'mse' ? error * error : Math.abs(error);
        count += 1;
      }
    }
    return sum / count;
  }
}
