import { crc16Ccitt } from '../frames/checksums.js';
import { noFrame } from '../frames/frame-buffer.js';
import type { FrameTaker } from '../frames/frame-decoder.js';
import { writeFloats, writeNumber } from '../frames/numbers.js';
import { headerBytes, layoutOf, type BinaryLayout } from './binary-layout.js';

export const sync = 0xfa;
/** More than what a sensor is set to send, and few enough to wait for when noise claims them. */
export const mostMessageBytes = 600;
/** Groups 1 to 6; the two highest bits announce what is not known here. */
const unknownGroups = 0xc0;

/** Binary messages of VectorNav: groups of fields by masks, little-endian, with a CRC-16 behind them. */
export class BinaryMessages {
  readonly #fields: readonly string[];
  /** The header of which the layout is known: sensors send the same one again and again. */
  readonly #header = new Uint8Array(14);
  #headerBytes = 0;
  #layout: BinaryLayout | undefined;

  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  /** As `FrameReader.read`, where `bytes[at]` is the sync byte. */
  read(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    if (end - at < 2) {
      return 0;
    }
    const groups = bytes[at + 1] ?? 0;
    if (groups === 0 || (groups & unknownGroups) !== 0) {
      return noFrame;
    }
    if (!this.#isKnownHeader(bytes, at, end)) {
      const length = headerBytes(groups);
      if (end - at < length) {
        return 0;
      }
      this.#header.set(bytes.subarray(at, at + length));
      this.#headerBytes = length;
      this.#layout = layoutOf(this.#header, this.#fields);
    }
    const layout = this.#layout;
    if (layout === undefined || layout.length > mostMessageBytes) {
      return noFrame;
    }
    const { length } = layout;
    if (end - at < length) {
      return 0;
    }
    // The CRC over a message and its CRC is 0.
    if (crc16Ccitt(bytes, at + 1, at + length, 0) !== 0) {
      return taker.damaged(length, 'a binary message of VectorNav has another CRC than its bytes');
    }
    this.#take(bytes, at, layout, taker);
    return length;
  }

  /** As `FrameFormat.readRun`: messages with the header of the one before that have all axes. */
  readRun(bytes: Uint8Array, start: number, end: number, taker: FrameTaker): number {
    const layout = this.#layout;
    if (layout?.offsets === undefined || layout.length > mostMessageBytes) {
      return 0;
    }
    const { length, offsets, timeAt } = layout;
    const { rows } = taker;
    const { room, count, values, device } = rows;
    let { offset } = rows;
    let at = start;
    let rowCount = 0;
    while (at + length <= end && rowCount < room) {
      if (
        bytes[at] !== sync ||
        !this.#isKnownHeader(bytes, at, end) ||
        crc16Ccitt(bytes, at + 1, at + length, 0) !== 0 ||
        !writeFloats(values, offset, bytes, at, offsets, true)
      ) {
        break;
      }
      device.timeMs[count + rowCount] = timeAt === -1 ? Number.NaN : timeOf(bytes, at + timeAt);
      device.counter[count + rowCount] = Number.NaN;
      offset += offsets.length;
      rowCount += 1;
      at += length;
    }
    if (rowCount > 0) {
      taker.addRun(rowCount, rowCount, 0, length);
    }
    return at - start;
  }

  #isKnownHeader(bytes: Uint8Array, at: number, end: number): boolean {
    const length = this.#headerBytes;
    if (length === 0 || end - at < length) {
      return false;
    }
    for (let n = 1; n < length; n += 1) {
      if (bytes[at + n] !== this.#header[n]) {
        return false;
      }
    }
    return true;
  }

  #take(bytes: Uint8Array, at: number, layout: BinaryLayout, taker: FrameTaker): void {
    const { offsets, timeAt } = layout;
    if (offsets === undefined) {
      taker.other(
        `the binary messages of the sensor lack one of ${this.#fields.join(', ')}: add it to its binary output (registers 75 to 77)`,
      );
      return;
    }
    const { rows } = taker;
    const { values, offset } = rows;
    for (let axis = 0; axis < offsets.length; axis += 1) {
      writeNumber(values, offset + axis, bytes, at + (offsets[axis] ?? 0), 'f32', true);
    }
    rows.deviceTimeMs = timeAt === -1 ? Number.NaN : timeOf(bytes, at + timeAt);
    taker.add();
  }
}

/** Nanoseconds since the start, in ms: they pass 2^53 after 104 days, and keep their milliseconds long after. */
function timeOf(bytes: Uint8Array, at: number): number {
  const low =
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24);
  const high =
    (bytes[at + 4] ?? 0) |
    ((bytes[at + 5] ?? 0) << 8) |
    ((bytes[at + 6] ?? 0) << 16) |
    ((bytes[at + 7] ?? 0) << 24);
  return ((low >>> 0) + (high >>> 0) * 2 ** 32) / 1e6;
}
