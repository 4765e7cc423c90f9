import type { LiveStream } from '../agent/live-stream.js';
import { publishedNumbers, type PublishedNumber } from '../agent/published-number.js';
import { sampleRateHz, streamFeatures } from '../agent/stream-features.js';
import type { StreamObserver } from '../agent/stream-observer.js';
import { StepFlag } from '../engine/program/engine.js';
import type { StepResult } from '../engine/stepper.js';
import type { StreamRecord } from '../publish/prediction/record.js';
import type { Gap, SampleBlock } from '../sensor/sample-block.js';
import { ColumnRing } from './column-ring.js';
import { MarkList } from './mark-list.js';
import type { StreamFacts } from './messages.js';
import { thresholdsOf } from './thresholds.js';

/** More lines than these nobody can tell apart. */
const mostLines = 8;
/** Columns a second, about, however fast the sensor. */
const columnsHz = 25;
/** A minute of a fast sensor; of a slow one as many samples. */
const ringColumns = 60 * columnsHz;
/** An event of a rule may come at every sample: the marks of the rest of a second are left out. */
const mostEventsInSecond = 20;

/** Keeps what a page shows of a stream: the newest columns, and what happened. It works once a column, not once a sample. */
export class LiveTrace implements StreamObserver {
  readonly stream: LiveStream;
  readonly columns: ColumnRing;
  readonly marks = new MarkList();
  readonly facts: StreamFacts;
  readonly #outputs: readonly PublishedNumber[];
  readonly #features: number;
  readonly #drawn: number;
  readonly #columnSamples: number;
  readonly #low: Float32Array;
  readonly #high: Float32Array;
  readonly #newest: Float32Array;
  #samples = 0;
  #lastMs = 0;
  #eventSecond = 0;
  #eventsInSecond = 0;

  constructor(stream: LiveStream) {
    const { prepared, name } = stream;
    const { plan, stepper, config, engine, target } = prepared;
    this.stream = stream;
    const features = streamFeatures(config);
    const outputs = publishedNumbers(prepared.heads);
    this.#outputs = outputs.slice(0, mostLines);
    this.#features = plan.features;
    this.#drawn = Math.min(features.length, mostLines);
    const rateHz = sampleRateHz(config);
    this.#columnSamples = Math.max(1, Math.round(rateHz / columnsHz));
    this.#low = new Float32Array(this.#drawn).fill(Infinity);
    this.#high = new Float32Array(this.#drawn).fill(-Infinity);
    this.#newest = new Float32Array(this.#outputs.length);
    this.columns = new ColumnRing(ringColumns, this.#drawn, this.#outputs.length);
    this.facts = {
      name,
      model: plan.name,
      mode: stepper.program.mode,
      engine,
      target,
      rateHz,
      columnSamples: this.#columnSamples,
      features: features.slice(0, mostLines),
      moreFeatures: Math.max(0, features.length - mostLines),
      outputs: this.#outputs.map(({ name: output, head, what, units }) => ({
        name: output,
        head: prepared.heads.length > 1 ? head : '',
        what,
        units,
      })),
      moreOutputs: Math.max(0, outputs.length - mostLines),
      thresholds: thresholdsOf(prepared),
    };
    this.marks.add({ at: Date.now(), what: 'start', text: startText(stream) });
  }

  stepped({ count, values, timeMs }: SampleBlock, { flags }: StepResult): void {
    for (let n = 0; n < count; n += 1) {
      this.#add(values, n * this.#features);
      if (this.#samples === this.#columnSamples) {
        // The newest row is that of the last sample of the block.
        const hasOutput = n + this.#columnSamples >= count && hasAny(flags, count);
        this.#put(timeMs[n] ?? 0, hasOutput);
      }
    }
    this.#lastMs = timeMs[count - 1] ?? this.#lastMs;
  }

  gap({ lengthMs, reason }: Gap): void {
    if (this.#lastMs > 0) {
      this.marks.add({ at: this.#lastMs, what: 'gap', lengthMs: Math.round(lengthMs), reason });
    }
  }

  record({ kind, payload }: StreamRecord): void {
    if (kind !== 'event') {
      return;
    }
    const second = Math.trunc(Date.now() / 1000);
    if (second !== this.#eventSecond) {
      this.#eventSecond = second;
      this.#eventsInSecond = 0;
    }
    this.#eventsInSecond += 1;
    if (this.#eventsInSecond <= mostEventsInSecond) {
      this.marks.addEvent(payload);
    }
  }

  #add(values: Float32Array, offset: number): void {
    for (let feature = 0; feature < this.#drawn; feature += 1) {
      const value = values[offset + feature] ?? 0;
      if (value < (this.#low[feature] ?? 0)) {
        this.#low[feature] = value;
      }
      if (value > (this.#high[feature] ?? 0)) {
        this.#high[feature] = value;
      }
    }
    this.#samples += 1;
  }

  #put(timeMs: number, hasOutput: boolean): void {
    for (const [n, { measure }] of this.#outputs.entries()) {
      this.#newest[n] = hasOutput ? (measure() ?? Number.NaN) : Number.NaN;
    }
    this.columns.put(timeMs, this.#low, this.#high, this.#newest);
    this.#low.fill(Infinity);
    this.#high.fill(-Infinity);
    this.#samples = 0;
  }
}

function hasAny(flags: Uint8Array, count: number): boolean {
  for (let n = 0; n < count; n += 1) {
    if (((flags[n] ?? 0) & StepFlag.output) !== 0) {
      return true;
    }
  }
  return false;
}

function startText({ loaded }: LiveStream): string {
  const { saved, reason } = loaded;
  return saved === null
    ? `began with a fresh state (${reason})`
    : `resumed after sample ${saved.sampleCount}`;
}
