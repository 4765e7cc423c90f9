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

/** How often lost samples are written to the log while they go on. */
const logEveryMs = 60_000;

/**
 * A link, a decoder, a conditioner and a clock as one source of samples: the
 * samples of one read leave in as few blocks as the gaps between them allow,
 * and a gap leaves just before the sample that ends it, when its length is known.
 */
export class Sensor {
  readonly #link: Link;
  readonly #decoder: Decoder;
  readonly #conditioner: Conditioner;
  readonly #clock: SampleClock;
  readonly #log: Log;
  readonly #read: ReadBatch;
  #sink: SampleSink | undefined;
  #seq = 0;
  #gaps = 0;
  #connected = false;
  /** Why samples are missing since the last good one. */
  #missing: GapReason | undefined;
  #lastMs: number | undefined;
  #loggedMs = -Infinity;

  constructor({ link, decoder, conditioner, clock, log }: SensorParts) {
    this.#link = link;
    this.#decoder = decoder;
    this.#conditioner = conditioner;
    this.#clock = clock;
    this.#log = log;
    this.#read = new ReadBatch(decoder.axes);
  }

  /** Whether the link is open. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Everything counted so far, by room and name. */
  get counters(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return {
      link: this.#link.counters,
      decoder: this.#decoder.counters,
      conditioner: this.#conditioner.counters,
      clock: { gaps: this.#gaps, steps: this.#clock.steps },
      samples: { passed: this.#seq },
    };
  }

  /** Begins; returns at once, whether the sensor is there or not. */
  start(sink: SampleSink): void {
    this.#sink = sink;
    this.#link.start(this.#fromLink);
  }

  /** Closes the link; no sample leaves after that. */
  async stop(): Promise<void> {
    this.#sink = undefined;
    await this.#link.stop();
    this.#connected = false;
  }

  readonly #fromLink: LinkSink = {
    opened: (path) => {
      this.#connected = true;
      this.#clock.opened(performance.now());
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
        const offset = this.#read.reserve();
        if (this.#conditioner.apply(values, row * axes, this.#read.values, offset)) {
          this.#read.keep(this.#missing);
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

  #lose(reason: GapReason): void {
    this.#read.skip();
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

  /** Stamps what one read brought and passes it on. */
  #pass(arrivalMs: number): void {
    const read = this.#read;
    if (read.count === 0) {
      read.clear();
      return;
    }
    this.#clock.place(arrivalMs, read.placed);
    let first = 0;
    for (let row = 0; row < read.count; row += 1) {
      const atMs = this.#clock.monotonicMs(read.place(row));
      const lengthMs = atMs - (this.#lastMs ?? atMs);
      const reason =
        read.missingBefore(row) ?? (lengthMs > this.#clock.lateMs ? 'late' : undefined);
      if (reason !== undefined && this.#lastMs !== undefined) {
        this.#passBlock(first, row);
        first = row;
        this.#gaps += 1;
        const gap: Gap = { lengthMs, reason };
        this.#sink?.gap(gap);
      }
      this.#lastMs = atMs;
      read.timeMs[row] = this.#clock.epochMs(read.place(row));
    }
    this.#passBlock(first, read.count);
    read.clear();
  }

  #passBlock(first: number, end: number): void {
    if (first === end) {
      return;
    }
    const { axes } = this.#decoder;
    const whole = first === 0;
    const block: SampleBlock = {
      count: end - first,
      features: axes,
      values: whole ? this.#read.values : this.#read.values.subarray(first * axes),
      timeMs: whole ? this.#read.timeMs : this.#read.timeMs.subarray(first),
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
