import type { FrameTaker } from '../frames/frame-decoder.js';
import { sum8 } from '../frames/checksums.js';
import { unsigned, writeFloats } from '../frames/numbers.js';
import {
  busId,
  extendedLength,
  mtData2,
  packetCounter,
  preamble,
  sampleTimeFine,
  type Field,
} from './packets.js';

/** More packets than a sensor sends in one message. */
const mostPackets = 32;

/** Reads messages that have the same packets as the last one that had all axes, without looking for them. */
export class UsualMessage {
  readonly #fields: readonly Field[];
  /** Length of the last message that had all axes as float32; 0 while there was none. */
  #bytes = 0;
  /** The packets of that message; beside it where each begins from the preamble on, and its head of three bytes. */
  #packets = 0;
  readonly #starts = new Int32Array(mostPackets);
  readonly #heads = new Int32Array(mostPackets);
  /** The places in that message of the float32 of each axis, and of counter and time, from the preamble on; -1 for none. */
  readonly #places: Int32Array;
  #counterAt = -1;
  #timeAt = -1;

  /** @param fields that of each axis */
  constructor(fields: readonly Field[]) {
    this.#fields = fields;
    this.#places = new Int32Array(fields.length);
  }

  /** Messages with the same packets as the last one that had all axes. */
  readRun(bytes: Uint8Array, start: number, end: number, taker: FrameTaker): number {
    const length = this.#bytes;
    const { rows } = taker;
    const { room, count, values, device } = rows;
    const places = this.#places;
    let { offset } = rows;
    let at = start;
    let rowCount = 0;
    if (length === 0) {
      return 0;
    }
    while (at + length <= end && rowCount < room) {
      if (
        bytes[at] !== preamble ||
        !this.#isUsual(bytes, at) ||
        sum8(bytes, at + 1, at + length) !== 0 ||
        !writeFloats(values, offset, bytes, at, places, false)
      ) {
        break;
      }
      device.counter[count + rowCount] = this.#counter(bytes, at);
      device.timeMs[count + rowCount] = this.#timeMs(bytes, at);
      offset += places.length;
      rowCount += 1;
      at += length;
    }
    if (rowCount > 0) {
      taker.addRun(rowCount, rowCount, 0, length);
    }
    return at - start;
  }

  /** Returns whether the message that begins at `bytes[at]` has the usual length, and the usual packets in their places. */
  #isUsual(bytes: Uint8Array, at: number): boolean {
    if (bytes[at + 1] !== busId || bytes[at + 2] !== mtData2 || bytes[at + 3] !== this.#bytes - 5) {
      return false;
    }
    for (let n = 0; n < this.#packets; n += 1) {
      if (headAt(bytes, at + (this.#starts[n] ?? 0)) !== this.#heads[n]) {
        return false;
      }
    }
    return true;
  }

  #counter(bytes: Uint8Array, at: number): number {
    const counterAt = at + this.#counterAt;
    return this.#counterAt === -1
      ? Number.NaN
      : ((bytes[counterAt] ?? 0) << 8) | (bytes[counterAt + 1] ?? 0);
  }

  #timeMs(bytes: Uint8Array, at: number): number {
    const timeAt = at + this.#timeAt;
    const low = ((bytes[timeAt + 2] ?? 0) << 8) | (bytes[timeAt + 3] ?? 0);
    const high = ((bytes[timeAt] ?? 0) << 8) | (bytes[timeAt + 1] ?? 0);
    return this.#timeAt === -1 ? Number.NaN : (high * 65_536 + low) / 10;
  }

  /** Keeps where a message of `bytes[start..end)`, which has all axes, has what is read of it. */
  learn(bytes: Uint8Array, start: number, end: number): void {
    const messageAt = start - 4;
    this.#bytes = 0;
    this.#packets = 0;
    this.#counterAt = -1;
    this.#timeAt = -1;
    this.#places.fill(-1);
    let found = 0;
    let at = start;
    for (; at + 3 <= end; at += 3 + (bytes[at + 2] ?? 0)) {
      const id = unsigned(bytes, at, 2, false);
      if (this.#packets === mostPackets) {
        return;
      }
      this.#starts[this.#packets] = at - messageAt;
      this.#heads[this.#packets] = headAt(bytes, at);
      this.#packets += 1;
      const size = bytes[at + 2] ?? 0;
      if (id === packetCounter && size === 2) {
        this.#counterAt = at + 3 - messageAt;
      } else if (id === sampleTimeFine && size === 4) {
        this.#timeAt = at + 3 - messageAt;
      }
      for (let axis = 0; axis < this.#fields.length; axis += 1) {
        const field = this.#fields[axis];
        if (field?.packet === (id & 0xfff0)) {
          if ((id & 3) !== 0 || 4 * (field.place + 1) > size) {
            return;
          }
          found += this.#places[axis] === -1 ? 1 : 0;
          this.#places[axis] = at + 3 + 4 * field.place - messageAt;
        }
      }
    }
    // What is more than its packets, or longer than one byte of length can say, is read one by one.
    if (
      found === this.#fields.length &&
      at === end &&
      bytes[messageAt + 3] === end - start &&
      bytes[messageAt + 3] !== extendedLength
    ) {
      this.#bytes = end + 1 - messageAt;
    }
  }
}

/** The identifier and the size of the packet that begins at `bytes[at]`. */
function headAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}
