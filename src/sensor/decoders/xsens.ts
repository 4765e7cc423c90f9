import { fieldFaults, fieldIndexes, fieldsOption, type AxisFields } from './axis-fields.js';
import type { DeviceClock, Unit } from './decoder.js';
import { defineDecoder } from './definition.js';
import { sum8 } from './frames/checksums.js';
import { noFrame } from './frames/frame-buffer.js';
import { FrameDecoder, type FrameFormat, type FrameTaker } from './frames/frame-decoder.js';
import { readNumber, unsigned, writeFloats } from './frames/numbers.js';

const preamble = 0xfa;
const busId = 0xff;
const mtData2 = 0x36;
const extendedLength = 0xff;
/** More than all outputs of a sensor together, and few enough to wait for when noise claims them. */
const mostDataBytes = 512;

/** More packets than a sensor sends in one message. */
const mostPackets = 32;

const packetCounter = 0x1020;
const sampleTimeFine = 0x1060;

/** A field: the packet that has it, without the bits of coordinates and precision, and its place in it. */
interface Field {
  readonly name: string;
  readonly packet: number;
  readonly place: number;
  readonly unit: Unit;
}

function packet(id: number, unit: Unit, names: readonly string[]): Field[] {
  return names.map((name, place) => ({ name, packet: id, place, unit }));
}

/** Those of the MT Low Level Communication Protocol that are numbers in real precision. */
const fields: readonly Field[] = [
  ...packet(0x4020, 'm/s2', ['ax', 'ay', 'az']),
  ...packet(0x8020, 'rad/s', ['gx', 'gy', 'gz']),
  ...packet(0xc020, 'raw', ['mx', 'my', 'mz']),
  ...packet(0x2030, 'deg', ['roll', 'pitch', 'yaw']),
  ...packet(0x2010, 'raw', ['q0', 'q1', 'q2', 'q3']),
  ...packet(0x4030, 'm/s2', ['freex', 'freey', 'freez']),
  ...packet(0x0810, 'raw', ['temp']),
];
const fieldNames = fields.map(({ name }) => name);

/** Bytes of a number, by the two lowest bits of its packet: float32, fixed 12.20, fixed 16.32, float64. */
const precisionBytes = [4, 4, 6, 8];

/** MTData2 messages of Xsens and Movella MTi sensors. */
class XsensFormat implements FrameFormat {
  readonly name = 'Xsens MTData2';
  readonly axes: number;
  readonly units: readonly Unit[];
  readonly deviceClock: DeviceClock = {
    time: { wrapMs: 2 ** 32 / 10 },
    counter: { modulus: 65_536 },
  };
  readonly maxFrameBytes = 7 + mostDataBytes;
  readonly expected: string;
  readonly #fields: readonly Field[];
  /** Length of the last message that had all axes as float32; 0 while there was none. */
  #usualBytes = 0;
  /** The packets of that message; beside it where each begins from the preamble on, and its head of three bytes. */
  #usualPackets = 0;
  readonly #usualStarts = new Int32Array(mostPackets);
  readonly #usualHeads = new Int32Array(mostPackets);
  /** The places in that message of the float32 of each axis, and of counter and time, from the preamble on; -1 for none. */
  readonly #usualPlaces: Int32Array;
  #usualCounterAt = -1;
  #usualTimeAt = -1;

  constructor(section: AxisFields) {
    this.#fields = fieldIndexes(section, fieldNames).flatMap((index) => fields[index] ?? []);
    this.axes = section.axes.length;
    this.#usualPlaces = new Int32Array(this.axes);
    this.units = this.#fields.map(({ unit }) => unit);
    const packets = [...new Set(this.#fields.map((field) => field.packet.toString(16)))];
    this.expected = `MTData2 messages of Xsens (fa ff 36) with packet ${packets.join(' and ')}`;
  }

  read(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    if (bytes[at] !== preamble) {
      return noFrame;
    }
    if (end - at < 4) {
      return at + 1 < end && bytes[at + 1] !== busId ? noFrame : 0;
    }
    if (bytes[at + 1] !== busId) {
      return noFrame;
    }
    const isExtended = bytes[at + 3] === extendedLength;
    if (isExtended && end - at < 6) {
      return 0;
    }
    const dataAt = at + (isExtended ? 6 : 4);
    const dataBytes = isExtended ? unsigned(bytes, at + 4, 2, false) : (bytes[at + 3] ?? 0);
    if (dataBytes > mostDataBytes) {
      return noFrame;
    }
    const length = dataAt - at + dataBytes + 1;
    if (end - at < length) {
      return 0;
    }
    if (sum8(bytes, at + 1, at + length) !== 0) {
      return taker.damaged(length, 'a message of Xsens has another checksum than its bytes');
    }
    if (bytes[at + 2] === mtData2) {
      this.#take(bytes, dataAt, dataAt + dataBytes, taker);
    } else {
      taker.other(
        'the sensor answers commands and sends no MTData2: it is not in measurement mode',
      );
    }
    return length;
  }

  /** Messages with the same packets as the last one that had all axes. */
  readRun(bytes: Uint8Array, start: number, end: number, taker: FrameTaker): number {
    const length = this.#usualBytes;
    const { rows } = taker;
    const { room, count, values, device } = rows;
    const places = this.#usualPlaces;
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
      device.counter[count + rowCount] = this.#usualCounter(bytes, at);
      device.timeMs[count + rowCount] = this.#usualTimeMs(bytes, at);
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
    if (
      bytes[at + 1] !== busId ||
      bytes[at + 2] !== mtData2 ||
      bytes[at + 3] !== this.#usualBytes - 5
    ) {
      return false;
    }
    for (let n = 0; n < this.#usualPackets; n += 1) {
      if (headAt(bytes, at + (this.#usualStarts[n] ?? 0)) !== this.#usualHeads[n]) {
        return false;
      }
    }
    return true;
  }

  #usualCounter(bytes: Uint8Array, at: number): number {
    const counterAt = at + this.#usualCounterAt;
    return this.#usualCounterAt === -1
      ? Number.NaN
      : ((bytes[counterAt] ?? 0) << 8) | (bytes[counterAt + 1] ?? 0);
  }

  #usualTimeMs(bytes: Uint8Array, at: number): number {
    const timeAt = at + this.#usualTimeAt;
    const low = ((bytes[timeAt + 2] ?? 0) << 8) | (bytes[timeAt + 3] ?? 0);
    const high = ((bytes[timeAt] ?? 0) << 8) | (bytes[timeAt + 1] ?? 0);
    return this.#usualTimeAt === -1 ? Number.NaN : (high * 65_536 + low) / 10;
  }

  /** Keeps where a message of `bytes[start..end)`, which has all axes, has what is read of it. */
  #learn(bytes: Uint8Array, start: number, end: number): void {
    const messageAt = start - 4;
    this.#usualBytes = 0;
    this.#usualPackets = 0;
    this.#usualCounterAt = -1;
    this.#usualTimeAt = -1;
    this.#usualPlaces.fill(-1);
    let found = 0;
    let at = start;
    for (; at + 3 <= end; at += 3 + (bytes[at + 2] ?? 0)) {
      const id = unsigned(bytes, at, 2, false);
      if (this.#usualPackets === mostPackets) {
        return;
      }
      this.#usualStarts[this.#usualPackets] = at - messageAt;
      this.#usualHeads[this.#usualPackets] = headAt(bytes, at);
      this.#usualPackets += 1;
      const size = bytes[at + 2] ?? 0;
      if (id === packetCounter && size === 2) {
        this.#usualCounterAt = at + 3 - messageAt;
      } else if (id === sampleTimeFine && size === 4) {
        this.#usualTimeAt = at + 3 - messageAt;
      }
      for (let axis = 0; axis < this.axes; axis += 1) {
        const field = this.#fields[axis];
        if (field?.packet === (id & 0xfff0)) {
          if ((id & 3) !== 0 || 4 * (field.place + 1) > size) {
            return;
          }
          found += this.#usualPlaces[axis] === -1 ? 1 : 0;
          this.#usualPlaces[axis] = at + 3 + 4 * field.place - messageAt;
        }
      }
    }
    // What is more than its packets, or longer than one byte of length can say, is read one by one.
    if (
      found === this.axes &&
      at === end &&
      bytes[messageAt + 3] === end - start &&
      bytes[messageAt + 3] !== extendedLength
    ) {
      this.#usualBytes = end + 1 - messageAt;
    }
  }

  #take(bytes: Uint8Array, start: number, end: number, taker: FrameTaker): void {
    const { rows } = taker;
    rows.deviceTimeMs = Number.NaN;
    rows.deviceCounter = Number.NaN;
    // A packet that comes twice must not stand for one that is missing.
    rows.values.fill(Number.NaN, rows.offset, rows.offset + this.axes);
    let found = 0;
    for (let at = start; at + 3 <= end; at += 3 + (bytes[at + 2] ?? 0)) {
      const id = unsigned(bytes, at, 2, false);
      const size = bytes[at + 2] ?? 0;
      const dataAt = at + 3;
      if (dataAt + size > end) {
        break;
      }
      if (id === packetCounter && size === 2) {
        rows.deviceCounter = unsigned(bytes, dataAt, 2, false);
      } else if (id === sampleTimeFine && size === 4) {
        rows.deviceTimeMs = unsigned(bytes, dataAt, 4, false) / 10;
      } else {
        found += this.#takePacket(bytes, id, dataAt, size, taker);
      }
    }
    if (found === this.axes) {
      this.#learn(bytes, start, end);
      taker.add();
    } else {
      const expected = [...new Set(this.#fields.map((field) => field.packet.toString(16)))];
      taker.other(
        `a message of Xsens lacks a packet that the axes need (${expected.join(', ')}): switch it on by the output configuration`,
      );
    }
  }

  /** Writes the readings that a packet has, and returns how many of them were not there before. */
  #takePacket(bytes: Uint8Array, id: number, at: number, size: number, taker: FrameTaker): number {
    const { values, offset } = taker.rows;
    const numberBytes = precisionBytes[id & 3] ?? 4;
    let found = 0;
    for (let axis = 0; axis < this.axes; axis += 1) {
      const field = this.#fields[axis];
      if (field?.packet === (id & 0xfff0) && (field.place + 1) * numberBytes <= size) {
        found += Number.isNaN(values[offset + axis]) ? 1 : 0;
        values[offset + axis] = realNumber(bytes, at + field.place * numberBytes, id & 3);
      }
    }
    return found;
  }
}

/** The identifier and the size of the packet that begins at `bytes[at]`. */
function headAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

function realNumber(bytes: Uint8Array, at: number, precision: number): number {
  switch (precision) {
    case 0:
      return readNumber(bytes, at, 'f32', false);
    case 1:
      return readNumber(bytes, at, 'i32', false) / 2 ** 20;
    case 2:
      // The fraction comes first.
      return readNumber(bytes, at + 4, 'i16', false) + unsigned(bytes, at, 4, false) / 2 ** 32;
    default:
      return readNumber(bytes, at, 'f64', false);
  }
}

/** Xsens and Movella MTi. */
export const xsens = defineDecoder({
  name: 'xsens',
  options: { fields: fieldsOption },
  faults: (section) => fieldFaults(section, fieldNames),
  create: (section) => new FrameDecoder(new XsensFormat(section)),
});
