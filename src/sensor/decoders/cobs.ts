import type { DeviceClock, Unit } from './decoder.js';
import { defineDecoder } from './definition.js';
import { crc16Ccitt } from './frames/checksums.js';
import { FrameDecoder, type FrameFormat, type FrameTaker } from './frames/frame-decoder.js';

const delimiter = 0;
/** It counts the sequence number before the readings, and the CRC behind them. */
const aroundBytes = 4;
/** Says where the sequence number stands in the decoded bytes, so that the readings after it are aligned. */
const decodedAt = 2;
const mostAxes = 64;

/**
 * The format that is recommended for a sensor of one's own (examples/cobs-sketch): a sequence number of 16 bits, a
 * float32 for each axis, and the CRC-16 CCITT-FALSE of both, all little-endian, in COBS (Cheshire and Baker, 1999) and
 * ended by a zero, which stands nowhere else.
 */
class CobsFormat implements FrameFormat {
  readonly name = 'COBS';
  readonly delimiter = Uint8Array.of(delimiter);
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock = { counter: { modulus: 65_536 } };
  readonly maxFrameBytes: number;
  readonly expected: string;
  readonly #dataBytes: number;
  readonly #decoded: Uint8Array;
  readonly #readings: Float32Array;

  constructor(axes: readonly string[]) {
    this.axes = axes.length;
    this.units = axes.map(() => undefined);
    this.#dataBytes = aroundBytes + 4 * axes.length;
    // A code byte for each 254 bytes, and the delimiter.
    this.maxFrameBytes = this.#dataBytes + Math.floor(this.#dataBytes / 254) + 2;
    const memory = new ArrayBuffer(8 * Math.ceil((decodedAt + this.#dataBytes) / 8));
    this.#decoded = new Uint8Array(memory);
    this.#readings = new Float32Array(memory, decodedAt + 2, axes.length);
    this.expected = `COBS frames of ${this.#dataBytes} bytes: a sequence number, ${axes.length} float32 (${axes.join(', ')}) and a CRC-16`;
  }

  /** Good frames that have no run of 254 bytes, as nearly all are. */
  readRun(bytes: Uint8Array, start: number, end: number, taker: FrameTaker): number {
    const length = this.#dataBytes + 2;
    const { rows } = taker;
    const { room, count, values, device } = rows;
    const decoded = this.#decoded;
    const readings = this.#readings;
    const crcAt = decodedAt + this.#dataBytes - 2;
    let { offset } = rows;
    let at = start;
    let rowCount = 0;
    while (at + length <= end && rowCount < room && this.#decodeWhole(bytes, at, length)) {
      const crc = (decoded[crcAt] ?? 0) | ((decoded[crcAt + 1] ?? 0) << 8);
      if (crc16Ccitt(decoded, decodedAt, crcAt, 0xffff) !== crc) {
        break;
      }
      // Zero unless one of them is infinite or not a number.
      let sum = 0;
      for (let axis = 0; axis < readings.length; axis += 1) {
        const reading = readings[axis] ?? Number.NaN;
        values[offset + axis] = reading;
        sum += reading - reading;
      }
      if (sum !== 0) {
        break;
      }
      device.timeMs[count + rowCount] = Number.NaN;
      device.counter[count + rowCount] =
        (decoded[decodedAt] ?? 0) | ((decoded[decodedAt + 1] ?? 0) << 8);
      offset += readings.length;
      rowCount += 1;
      at += length;
    }
    if (rowCount > 0) {
      taker.addRun(rowCount, rowCount, 0, length);
    }
    return at - start;
  }

  /** Decodes what may be a frame of this length without a run of 254 bytes; false where it is none. */
  #decodeWhole(bytes: Uint8Array, at: number, length: number): boolean {
    const endAt = at + length - 1;
    if (length > 255 || bytes[endAt] !== delimiter) {
      return false;
    }
    const decoded = this.#decoded;
    const shift = decodedAt - at - 1;
    // Below zero once a byte of zero has been.
    let below = (bytes[at] ?? 0) - 1;
    let from = at + 1;
    // Four at a time, since a turn of the loop takes longer than a byte.
    for (; from + 3 < endAt; from += 4) {
      const first = bytes[from] ?? 0;
      const second = bytes[from + 1] ?? 0;
      const third = bytes[from + 2] ?? 0;
      const fourth = bytes[from + 3] ?? 0;
      below |= (first - 1) | (second - 1) | (third - 1) | (fourth - 1);
      const to = from + shift;
      decoded[to] = first;
      decoded[to + 1] = second;
      decoded[to + 2] = third;
      decoded[to + 3] = fourth;
    }
    for (; from < endAt; from += 1) {
      const byte = bytes[from] ?? 0;
      below |= byte - 1;
      decoded[from + shift] = byte;
    }
    if (below < 0) {
      return false;
    }
    // Each code says how far on the next one stands; where it does, the data has a zero.
    let codeAt = at + (bytes[at] ?? 0);
    while (codeAt < endAt) {
      decoded[codeAt + shift] = delimiter;
      codeAt += bytes[codeAt] ?? 1;
    }
    return codeAt === endAt;
  }

  /** Returns whether the decoded frame has the CRC of its bytes. */
  #isGood(): boolean {
    const decoded = this.#decoded;
    const crcAt = decodedAt + this.#dataBytes - 2;
    const crc = (decoded[crcAt] ?? 0) | ((decoded[crcAt + 1] ?? 0) << 8);
    return crc16Ccitt(decoded, decodedAt, crcAt, 0xffff) === crc;
  }

  read(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    const decoded = this.#decoded;
    const last = decodedAt + this.#dataBytes;
    let to = decodedAt;
    let from = at;
    let isWhole = true;
    while (from < end) {
      const code = bytes[from] ?? 0;
      if (code === delimiter) {
        break;
      }
      const blockEnd = from + code;
      for (from += 1; from < blockEnd && from < end; from += 1) {
        const byte = bytes[from] ?? 0;
        if (byte === delimiter) {
          break;
        }
        if (to === last) {
          return this.#bad(taker, bytes, at, end);
        }
        decoded[to] = byte;
        to += 1;
      }
      if (from < blockEnd) {
        isWhole = false;
        break;
      }
      if (code < 255 && bytes[from] !== delimiter) {
        if (to === last) {
          return from === end ? 0 : this.#bad(taker, bytes, at, end);
        }
        decoded[to] = delimiter;
        to += 1;
      }
    }
    if (from === end) {
      return end - at < this.maxFrameBytes ? 0 : this.#bad(taker, bytes, at, end);
    }
    if (from === at) {
      // A delimiter may stand before a frame as well.
      return -1;
    }
    if (!isWhole || to !== last || !this.#isGood()) {
      return this.#bad(taker, bytes, at, end);
    }
    this.#take(taker);
    return from + 1 - at;
  }

  #take(taker: FrameTaker): void {
    const decoded = this.#decoded;
    const { rows } = taker;
    rows.deviceCounter = (decoded[decodedAt] ?? 0) | ((decoded[decodedAt + 1] ?? 0) << 8);
    const { values, offset } = rows;
    const readings = this.#readings;
    for (let axis = 0; axis < this.axes; axis += 1) {
      values[offset + axis] = readings[axis] ?? Number.NaN;
    }
    taker.add();
  }

  /** Passes over damaged bytes up to the delimiter, or as far as they go. */
  #bad(taker: FrameTaker, bytes: Uint8Array, at: number, end: number): number {
    let length = 1;
    while (length < this.maxFrameBytes && bytes[at + length - 1] !== delimiter) {
      if (at + length === end) {
        // How long it is must not depend on how the bytes are cut.
        return 0;
      }
      length += 1;
    }
    taker.damaged(
      this.maxFrameBytes,
      `a COBS frame has another length than ${this.axes} readings need, or another checksum than its bytes`,
    );
    return -length;
  }
}

/** Frames for a sensor of one's own. */
export const cobs = defineDecoder({
  name: 'cobs',
  options: {},
  faults: ({ axes }) =>
    axes.length > mostAxes
      ? [{ path: ['axes'], message: `a COBS frame holds ${mostAxes} axes at most` }]
      : [],
  create: ({ axes }) => new FrameDecoder(new CobsFormat(axes)),
});
