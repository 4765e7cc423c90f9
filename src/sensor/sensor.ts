import type { Log } from '../base/log.js';
import type { SampleClock } from './clock.js';
import type { Conditioner } from './conditioner.js';
import type { Decoder, RowSink } from './decoders/decoder.js';
import type { CloseReason, Link, LinkSink } from './links/link.js';
import { ReadBatch } from './read-batch.js';
import type { Gap, GapReason, SampleBlock, SampleSink } from './sample-block.js';

export interface SensorParts {
  readonly link: Link;
  readonly decoder: Decoder;
  readonly conditioner: Conditioner;
  readonly clock: SampleClock;
  readonly log: Log;
}

/** While rows go on being lost, the log says so this often. */
const logEveryMs = 60_000;

/**
 * A link, a decoder, a conditioner and a clock as one source of samples. The
 * samples of one read are passed on in as few blocks as the gaps between them
 * allow. A gap is passed on just before the sample that ends it, when its length
 * is known.
 */
export class Sensor {
  readonly #link: Link;
  readonly #decoder: Decoder;
  readonly #conditioner: Conditioner;
  readonly #clock: SampleClock;
  readonly #log: Log;
  readonly #batch: ReadBatch;
  #sink: SampleSink | undefined;
  #seq = 0;
  #gaps = 0;
  #connected = false;
  /** Why samples are missing since the last good one. */
  #missing: GapReason | undefined;
  /** Time of the last sample that was passed on, monotonic. */
  #lastMs: number | undefined;
  #loggedMs = -Infinity;

  constructor({ link, decoder, conditioner, clock, log }: SensorParts) {
    this.#link = link;
    this.#decoder = decoder;
    this.#conditioner = conditioner;
    this.#clock = clock;
    this.#log = log;
    this.#batch = new ReadBatch(decoder.axes);
  }

  /** Whether the link is open. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Everything counted so far, by part and name. */
  get counters(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return {
      link: this.#link.counters,
      decoder: this.#decoder.counters,
      conditioner: this.#conditioner.counters,
      clock: { gaps: this.#gaps, steps: this.#clock.jumps },
      samples: { passed: this.#seq },
    };
  }

  /** Begins to pass samples on; returns at once, whether the sensor is there or not. */
  start(sink: SampleSink): void {
    this.#sink = sink;
    this.#link.start(this.#fromLink);
  }

  /** Closes the link; no sample is passed on after that. */
  async stop(): Promise<void> {
    this.#sink = undefined;
    await this.#link.stop();
    this.#connected = false;
  }

  readonly #fromLink: LinkSink = {
    opened: (path) => {
      this.#connected = true;
      this.#clock.opened();
      this.#decoder.reset(true);
      this.#log.info({ path }, `reading ${path}`);
    },
    quiet: () => this.#decoder.reset(false),
    bytes: (chunk, arrivalMs) => {
      this.#decoder.push(chunk, this.#fromDecoder);
      this.#pass(arrivalMs);
    },
    closed: (reason) => this.#closed(reason),
    unavailable: (message) => {
      this.#log.warn({}, `the sensor cannot be opened and is being tried again: ${message}`);
    },
  };

  readonly #fromDecoder: RowSink = {
    rows: (values, count) => {
      const { axes } = this.#decoder;
      for (let row = 0; row < count; row += 1) {
        const offset = this.#batch.reserve();
        if (this.#conditioner.apply(values, row * axes, this.#batch.values, offset)) {
          this.#batch.keep(this.#missing);
          this.#missing = undefined;
        } else {
          this.#lose('outOfRange');
        }
      }
    },
    lost: (count) => {
      for (let row = 0; row < count; row += 1) {
        this.#lose('rejected');
      }
    },
  };

  /** Counts a row that is no sample, and logs it unless one was logged lately. */
  #lose(reason: GapReason): void {
    this.#batch.lose();
    this.#missing ??= reason;
    const nowMs = performance.now();
    if (nowMs - this.#loggedMs < logEveryMs) {
      return;
    }
    this.#loggedMs = nowMs;
    this.#log.warn(
      { decoder: { ...this.#decoder.counters }, conditioner: { ...this.#conditioner.counters } },
      reason === 'rejected'
        ? `lost a row: ${this.#decoder.rejection}`
        : 'lost a row: a reading was not between features.min and features.max, or not finite',
    );
  }

  /** Gives the rows of one read their times and passes them on. */
  #pass(arrivalMs: number): void {
    const batch = this.#batch;
    if (batch.count === 0) {
      batch.clear();
      return;
    }
    this.#clock.beginRead(arrivalMs, batch.arrived);
    let first = 0;
    for (let row = 0; row < batch.count; row += 1) {
      const atMs = this.#clock.monotonicMs(batch.indexOf(row));
      const lengthMs = atMs - (this.#lastMs ?? atMs);
      const reason =
        batch.missingBefore(row) ?? (lengthMs > this.#clock.lateMs ? 'late' : undefined);
      if (reason !== undefined && this.#lastMs !== undefined) {
        this.#passBlock(first, row);
        first = row;
        this.#gaps += 1;
        const gap: Gap = { lengthMs, reason };
        this.#sink?.gap(gap);
      }
      this.#lastMs = atMs;
      batch.timeMs[row] = this.#clock.epochMs(batch.indexOf(row));
    }
    this.#passBlock(first, batch.count);
    batch.clear();
  }

  /** Passes on the rows from `first` up to `end`, which is not one of them. */
  #passBlock(first: number, end: number): void {
    if (first === end) {
      return;
    }
    const { axes } = this.#decoder;
    const whole = first === 0;
    const block: SampleBlock = {
      count: end - first,
      features: axes,
      values: whole ? this.#batch.values : this.#batch.values.subarray(first * axes),
      timeMs: whole ? this.#batch.timeMs : this.#batch.timeMs.subarray(first),
      firstSeq: this.#seq + 1,
    };
    this.#seq += block.count;
    this.#sink?.block(block);
  }

  #closed(reason: CloseReason): void {
    this.#connected = false;
    this.#missing = 'reopened';
    this.#log.warn(
      { reason },
      reason === 'silent'
        ? 'no byte came for too long: opening the sensor anew'
        : 'the sensor was unplugged: waiting for it',
    );
  }
}
