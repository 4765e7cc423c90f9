import { eventName, type WatchedRule } from './event-rules.js';
import { EventState } from './event-state.js';
import { ForecastHead } from './heads/forecast-head.js';
import type { Head } from './heads/head.js';
import type { SampleWindow } from './heads/sample-window.js';
import type { PayloadWriter } from './payload.js';
import { PredictionBatch } from './prediction-batch.js';
import type { PublishGate } from './publish-gate.js';
import type { Qos, RecordKind, StreamRecord } from './record.js';

export interface PolicyOptions {
  /** Name of the stream. */
  readonly stream: string;
  readonly qos: Qos;
  /** Floats in a row of outputs. */
  readonly outputSize: number;
  readonly heads: readonly Head[];
  /** The samples that heads compare their outputs with; undefined where none does. */
  readonly samples?: SampleWindow | undefined;
  readonly payload: PayloadWriter;
  /** Chooses the predictions that are published. */
  readonly gate: PublishGate;
  /** How predictions are put together; undefined where each is a record. */
  readonly batch?:
    | { readonly boot: number; readonly size: number; readonly maxMs: number }
    | undefined;
  readonly events: readonly WatchedRule[];
  /** Takes each record. */
  readonly emit: (record: StreamRecord) => void;
}

/** Counts since the start. */
export interface PolicyStats {
  /** Outputs that came in. */
  readonly outputs: number;
  /** Records of predictions. */
  readonly predictions: number;
  /** Records of events. */
  readonly events: number;
  /** Outputs with NaN or infinity in them, which are not published. */
  readonly notFinite: number;
  /** Forecasts that were not compared, because samples are missing; only of a model that forecasts. */
  readonly forecastsDropped?: number;
}

/**
 * Decides which of a stream's outputs become records. A score, an error and the text of a record cost something
 * only at outputs that are published or that events judge.
 */
export class PublishPolicy {
  readonly #options: PolicyOptions;
  readonly #batch: PredictionBatch | undefined;
  readonly #events: readonly EventState[];
  readonly #forecasts: readonly ForecastHead[];
  /** True when an output that is not published is only counted: no event judges it, and no head compares it. */
  readonly #mayPassBy: boolean;
  #outputs = 0;
  #predictions = 0;
  #eventCount = 0;
  #notFinite = 0;
  /** The forecasts that policies before this one have dropped. */
  #droppedBefore = 0;
  /** Length of the gaps that no prediction has told of yet, milliseconds; null where nobody knows it. */
  #gapMs: number | null = 0;
  /** Samples that were made up in them. */
  #filled = 0;
  /** The payload of the last prediction; empty before the first. */
  #lastPrediction = '';
  /** True when a record came since the last `takeNow`. */
  #hasNews = false;

  constructor(options: PolicyOptions) {
    this.#options = options;
    this.#batch =
      options.batch &&
      new PredictionBatch({
        ...options.batch,
        emit: (payload) => this.#emit('prediction', payload),
      });
    this.#events = options.events.map((watched) => new EventState(watched));
    this.#forecasts = options.heads.filter((head) => head instanceof ForecastHead);
    this.#mayPassBy = options.events.length === 0 && options.samples === undefined;
  }

  /** Returns whether `sample` is to be called for each sample that the state has taken. */
  get takesSamples(): boolean {
    return this.#options.samples !== undefined;
  }

  /**
   * Takes a sample as the model saw it, before its output.
   *
   * @param values its features begin at `offset`
   * @param hasOutput whether an output of it follows
   */
  sample(values: Float32Array, offset: number, hasOutput: boolean): void {
    this.#options.samples?.push(values, offset);
    for (const head of this.#forecasts) {
      head.sample(hasOutput);
    }
  }

  /** Takes the samples that a resumed state holds, oldest first. */
  restoreSamples(values: Float32Array): void {
    this.#options.samples?.restore(values);
  }

  /** Returns of how many of the next outputs no record can come, whatever they are. */
  get closedFor(): number {
    return this.#mayPassBy ? this.#options.gate.closedFor : 0;
  }

  /**
   * Takes outputs of which no record can come, up to the first that is not finite; the heads have the last of them. Each is as
   * one that `output` took, but all together they cost a look whether they are finite.
   *
   * @param rows outputs, one after the other from `offset` on
   * @param most how many there are; at most `closedFor`
   * @param timeMs when their samples were acquired, from `first` on
   * @returns how many were taken; the next is for `output`
   */
  passBy(
    rows: Float32Array,
    offset: number,
    most: number,
    timeMs: Float64Array,
    first: number,
  ): number {
    const { gate, outputSize, heads } = this.#options;
    const end = offset + most * outputSize;
    let at = offset;
    while (at < end && Number.isFinite(rows[at])) {
      at += 1;
    }
    const passed = Math.floor((at - offset) / outputSize);
    if (passed > 0) {
      gate.passBy(passed);
      this.#outputs += passed;
      const last = passed - 1;
      for (const head of heads) {
        head.row(rows, offset + last * outputSize, timeMs[first + last] ?? 0, false);
      }
    }
    return passed;
  }

  /**
   * Takes one output.
   *
   * @param timeMs when its sample was acquired, epoch milliseconds
   * @param seq number of the sample in this boot
   * @param rows outputs; this one begins at `offset`
   * @param warm whether it counts for events
   */
  output(timeMs: number, seq: number, rows: Float32Array, offset: number, warm: boolean): void {
    const { payload, gate, outputSize, heads } = this.#options;
    for (let i = 0; i < outputSize; i += 1) {
      if (!Number.isFinite(rows[offset + i])) {
        this.#notFinite += 1;
        return;
      }
    }
    for (const head of heads) {
      head.row(rows, offset, timeMs, warm);
    }
    if (gate.isOpen(timeMs, warm, this.#gapMs !== 0 || this.#filled > 0)) {
      this.#lastPrediction = payload.prediction(timeMs, seq, warm, this.#gapMs, this.#filled);
      this.#hasNews = true;
      if (this.#batch === undefined) {
        this.#emit('prediction', this.#lastPrediction);
      } else {
        this.#batch.add(timeMs, seq, this.#lastPrediction);
      }
      this.#predictions += 1;
      this.#gapMs = 0;
      this.#filled = 0;
    }
    this.#outputs += 1;
    if (!warm) {
      return;
    }
    for (const event of this.#events) {
      const { rule, measure } = event.watched;
      const value = measure();
      const state = value === undefined ? undefined : event.judge(value, timeMs);
      if (value !== undefined && state !== undefined) {
        this.#eventCount += 1;
        this.#emit('event', payload.event(timeMs, seq, rule, state, value));
      }
    }
  }

  /**
   * Goes on where another policy of the same stream ends: with its counts, and with the gap of which no prediction has
   * told yet. Each event says anew how it stands.
   */
  follow(before: PublishPolicy): void {
    before.flush();
    this.#outputs += before.#outputs;
    this.#predictions += before.#predictions;
    this.#eventCount += before.#eventCount;
    this.#notFinite += before.#notFinite;
    this.#droppedBefore = before.#forecastsDropped;
    this.#gapMs = before.#gapMs;
    this.#filled = before.#filled;
    this.#lastPrediction = before.#lastPrediction;
    this.#hasNews = before.#hasNews;
  }

  /** Gives the predictions that wait for others of their batch. */
  flush(): void {
    this.#batch?.flush();
  }

  /** Samples are missing here: the next prediction tells for how long, or with null that nobody knows. */
  gap(lengthMs: number | null, filled = 0): void {
    this.#filled += filled;
    this.#gapMs = lengthMs === null || this.#gapMs === null ? null : this.#gapMs + lengthMs;
    this.interrupt();
  }

  /** The samples do not follow each other here: no forecast and no duration goes on over it. */
  interrupt(): void {
    for (const head of this.#forecasts) {
      head.interrupt();
    }
    for (const event of this.#events) {
      event.interrupt();
    }
  }

  /**
   * The last prediction with the state of each event beside its own members, `"events":{"running":"on"}`: for
   * subscribers who were not there when these were published.
   *
   * @returns undefined where no record came since the last call
   */
  takeNow(): string | undefined {
    if (!this.#hasNews) {
      return undefined;
    }
    this.#hasNews = false;
    const states = this.#events.flatMap(({ watched, state }) =>
      state === undefined ? [] : [[eventName(watched.rule), state] as const],
    );
    const members = this.#lastPrediction.slice(0, -1);
    return `${members},"events":${JSON.stringify(Object.fromEntries(states))}}`;
  }

  get stats(): PolicyStats {
    return {
      outputs: this.#outputs + this.#notFinite,
      predictions: this.#predictions,
      events: this.#eventCount,
      notFinite: this.#notFinite,
      ...(this.#forecasts.length > 0 && {
        forecastsDropped: this.#forecastsDropped,
      }),
    };
  }

  get #forecastsDropped(): number {
    return this.#forecasts.reduce((sum, head) => sum + head.dropped, this.#droppedBefore);
  }

  #emit(kind: RecordKind, payload: string): void {
    const { stream, qos, emit } = this.#options;
    this.#hasNews = true;
    emit({ stream, kind, payload, qos });
  }
}
