import type { Decoder, DeviceClock, Diagnosis, RowSink, Unit } from '../decoder.js';
import { RowBuffer } from '../row-buffer.js';
import { areEvenlyCut, diagnoseFrames } from './frame-diagnosis.js';
import { FrameBuffer, noFrame } from './frame-buffer.js';

/** Frames and bytes by what became of them. */
export interface FrameCounters {
  bytes: number;
  rows: number;
  /** Good frames, whether they hold a row or not. */
  frames: number;
  badChecksum: number;
  /** Good frames of which a reading was not finite. */
  nonFinite: number;
  /** Good frames that lack a reading of the axes, or are of another kind. */
  otherFrames: number;
  /** Rows of which a frame must have been hit, though no checksum said so. */
  missed: number;
  /** Bytes that belong to no good frame. */
  skippedBytes: number;
  [name: string]: number;
}

/** Takes what a format finds; the row under way is written to `rows`. */
export interface FrameTaker {
  readonly rows: RowBuffer;
  readonly counters: FrameCounters;
  /** Keeps the row that was written, unless a reading of it is not finite. */
  add(): void;
  /**
   * Takes that what looked like a frame is damaged.
   *
   * @param length its bytes, if it should have held a row, which is lost with it; else 0
   * @returns `noFrame`
   */
  damaged(length: number, message: string): number;
  /** Takes that a row was lost for which no frame was found. */
  missed(message: string): void;
  /** Takes that a good frame holds no row. */
  other(message: string): void;
  /**
   * Takes good frames that followed each other without a byte between, in the place of `add` and `other` for each.
   *
   * @param frames 1 or more
   * @param rows those that were written from `rows.offset` on, all finite; at most `rows.room`
   * @param otherFrames frames that hold no row and of whose kind `other` was told before
   * @param rowBytes length of the last frame where it holds a row or ends one; else 0
   */
  addRun(frames: number, rows: number, otherFrames: number, rowBytes: number): void;
}

/** One format of frames. */
export interface FrameFormat {
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock;
  readonly expected: string;
  /** The manufacturer's or the protocol's name for its frames. */
  readonly name: string;
  readonly maxFrameBytes: number;
  /** As `FrameReader.read`; rows and damage go to the taker. */
  read(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number;
  /**
   * Reads frames that follow each other from `bytes[at]` on, as `read` would, but many in one call: those that are as
   * most are. The first that is damaged, unfinished, or anything else out of the common is left to `read`.
   *
   * @returns the bytes of the frames that were handed on by `addRun`; 0 where there were none
   */
  readRun?(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number;
  /** Forgets what was kept of earlier frames, after the link was opened. */
  reset?(): void;
  /** Holds what ends a frame and stands nowhere in one, so that a message may leave it out. */
  readonly delimiter?: Uint8Array | undefined;
}

/** Reads frames of any format: what of them is alike. */
export class FrameDecoder implements Decoder, FrameTaker {
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock;
  readonly counters: FrameCounters = {
    bytes: 0,
    rows: 0,
    frames: 0,
    badChecksum: 0,
    nonFinite: 0,
    otherFrames: 0,
    missed: 0,
    skippedBytes: 0,
  };
  readonly rows: RowBuffer;

  readonly #format: FrameFormat;
  readonly #frames: FrameBuffer;
  /** True when the sensor numbers its rows or gives their time, so that others see which are missing. */
  readonly #tellsMissing: boolean;
  /** True when the next frame may have begun before the link was opened: its end is no row that was lost. */
  #isCut = false;
  /** Bytes still to come of a damaged frame whose row was told as lost: what else looks bad in it is no other row. */
  #blamedBytes = 0;
  /** Length of the last good frame if it held a row, and the bytes that were skipped since. */
  #rowBytes = 0;
  #skippedSince = 0;
  #hasRow = false;
  #isToldDamaged = false;
  /** Bytes of damaged frames that should have held a row. */
  #damagedBytes = 0;
  #rejection: string | undefined;

  constructor(format: FrameFormat) {
    this.#format = format;
    this.axes = format.axes;
    this.units = format.units;
    this.deviceClock = format.deviceClock;
    this.#tellsMissing =
      format.deviceClock.time !== undefined || format.deviceClock.counter !== undefined;
    this.rows = new RowBuffer(format.axes);
    this.#frames = new FrameBuffer({
      maxFrameBytes: format.maxFrameBytes,
      read: (bytes, at, end) => this.#read(bytes, at, end),
      skip: (count) => {
        this.counters.skippedBytes += count;
        this.#blamedBytes -= count;
        this.#skippedSince += count;
      },
    });
  }

  get expected(): string {
    return this.#format.expected;
  }

  get rejection(): string | undefined {
    return this.#rejection;
  }

  push(chunk: Uint8Array, sink: RowSink): void {
    this.counters.bytes += chunk.length;
    this.rows.begin(sink);
    this.#frames.push(chunk);
    this.rows.end();
  }

  reset(): void {
    this.counters.skippedBytes += this.#frames.reset();
    this.#isCut = true;
    this.#rowBytes = 0;
    this.#format.reset?.();
  }

  boundary(sink: RowSink): void {
    this.rows.begin(sink);
    if (this.#format.delimiter !== undefined && this.#frames.unread > 0) {
      this.#frames.push(this.#format.delimiter);
    }
    const unread = this.#frames.reset();
    this.counters.skippedBytes += unread;
    if (unread > 0 && !this.#isCut) {
      this.missed(`a message ended within a frame of ${this.#format.name}`);
    }
    this.#isCut = false;
    this.#blamedBytes = 0;
    this.#skippedSince = 0;
    this.rows.end();
  }

  diagnose(bytes: Uint8Array): Diagnosis {
    const { name, delimiter } = this.#format;
    const { frames, badChecksum, bytes: came } = this.counters;
    // A format whose frames end with a byte has an end of a frame, right or wrong, wherever that byte comes by chance.
    const areFrames =
      delimiter === undefined ? 2 * this.#damagedBytes > came : areEvenlyCut(bytes, delimiter[0]);
    return diagnoseFrames(bytes, name, { frames, badChecksum, areFrames }, this.#rejection);
  }

  add(): void {
    const { values, offset } = this.rows;
    const { axes } = this;
    // Zero unless one of them is infinite or not a number.
    let sum = 0;
    for (let axis = 0; axis < axes; axis += 1) {
      const reading = values[offset + axis] ?? 0;
      sum += reading - reading;
    }
    if (sum !== 0) {
      this.counters.nonFinite += 1;
      this.#lose(`a frame of ${this.#format.name} holds a reading that is not finite`);
      return;
    }
    if (this.#skippedSince > 0) {
      this.#loseSkipped();
    }
    this.counters.rows += 1;
    this.#hasRow = true;
    this.rows.add();
  }

  addRun(frames: number, rows: number, otherFrames: number, rowBytes: number): void {
    this.counters.frames += frames;
    this.counters.rows += rows;
    this.counters.otherFrames += otherFrames;
    this.rows.addAll(rows);
    this.#afterFrame(rowBytes);
  }

  damaged(length: number, message: string): number {
    this.counters.badChecksum += 1;
    this.#isToldDamaged = true;
    this.#damagedBytes += length;
    const told =
      this.counters.frames > 0
        ? message
        : `${message}, and none before it was good: sensor.baudRate or sensor.decoder may be another`;
    if (length > 0 && this.#blamedBytes <= 0 && !this.#isCut) {
      this.#lose(told);
      this.#blamedBytes = length;
    }
    this.#rejection = told;
    return noFrame;
  }

  missed(message: string): void {
    this.counters.missed += 1;
    this.#lose(message);
  }

  other(message: string): void {
    this.counters.otherFrames += 1;
    this.#rejection ??= message;
  }

  #read(bytes: Uint8Array, at: number, end: number): number {
    // Where bytes were skipped before, the next frame tells of what was lost in them.
    if (this.#skippedSince === 0) {
      const length = this.#format.readRun?.(bytes, at, end, this) ?? 0;
      if (length > 0) {
        return length;
      }
    }
    const length = this.#format.read(bytes, at, end, this);
    if (length > 0) {
      this.counters.frames += 1;
      this.#afterFrame(this.#hasRow ? length : 0);
    }
    return length;
  }

  #afterFrame(rowBytes: number): void {
    this.#rowBytes = rowBytes;
    this.#blamedBytes = 0;
    this.#hasRow = false;
    this.#skippedSince = 0;
    this.#isToldDamaged = false;
    this.#isCut = false;
  }

  /**
   * Tells of frames whose first bytes were hit, so that no checksum of theirs was looked at: the bytes between two
   * rows then are as many as some frames have. Where the sensor tells what is missing, that is left to the clock.
   */
  #loseSkipped(): void {
    const frames = this.#skippedSince / this.#rowBytes;
    if (!this.#tellsMissing && !this.#isToldDamaged && Number.isInteger(frames)) {
      // The row at hand is already written where the lost one would end those before it.
      const { offset, values } = this.rows;
      const row = values.slice(offset, offset + this.axes);
      for (let n = 0; n < frames; n += 1) {
        this.missed(`the first bytes of a frame of ${this.#format.name} were damaged`);
      }
      this.rows.values.set(row, this.rows.offset);
    }
  }

  #lose(message: string): void {
    this.#rejection = message;
    this.rows.lose();
  }
}
