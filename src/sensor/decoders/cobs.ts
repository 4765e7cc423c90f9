import type { DeviceClock, Unit } from './decoder.js';
import { defineDecoder } from './definition.js';
import { crc16Ccitt } from './frames/checksums.js';
import { FrameDecoder, type FrameFormat, type FrameTaker } from './frames/frame-decoder.js';

const delimiter = 0;
/** Of the sequence number before the readings, and of the CRC behind them. */
const aroundBytes = 4;
/** Where the sequence number stands in the decoded bytes, so that the readings after it are aligned. */
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
    const crc = (decoded[last - 2] ?? 0) | ((decoded[last - 1] ?? 0) << 8);
    if (!isWhole || to !== last || crc16Ccitt(decoded, decodedAt, last - 2, 0xffff) !== crc) {
      return this.#bad(taker, bytes, at, end);
    }
    const { rows } = taker;
    rows.deviceCounter = (decoded[decodedAt] ?? 0) | ((decoded[decodedAt + 1] ?? 0) << 8);
    const { values, offset } = rows;
    const readings = this.#readings;
    for (let axis = 0; axis < this.axes; axis += 1) {
      values[offset + axis] = readings[axis] ?? Number.NaN;
    }
    taker.add();
    return from + 1 - at;
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
