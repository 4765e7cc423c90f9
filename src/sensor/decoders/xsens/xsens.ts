import { fieldFaults, fieldIndexes, fieldsOption, type AxisFields } from '../axis-fields.js';
import type { DeviceClock, Unit } from '../decoder.js';
import { defineDecoder } from '../definition.js';
import { sum8 } from '../frames/checksums.js';
import { noFrame } from '../frames/frame-buffer.js';
import { FrameDecoder, type FrameFormat, type FrameTaker } from '../frames/frame-decoder.js';
import { unsigned } from '../frames/numbers.js';
import {
  busId,
  extendedLength,
  fields,
  mtData2,
  packetCounter,
  preamble,
  precisionBytes,
  realNumber,
  sampleTimeFine,
  type Field,
} from './packets.js';
import { UsualMessage } from './usual-message.js';

/** More than all outputs of a sensor together, and few enough to wait for when noise claims them. */
const mostDataBytes = 512;

const fieldNames = fields.map(({ name }) => name);

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
  /** The packets that the axes need, in hexadecimal digits. */
  readonly #packets: readonly string[];
  readonly #usual: UsualMessage;

  constructor(section: AxisFields) {
    this.#fields = fieldIndexes(section, fieldNames).flatMap((index) => fields[index] ?? []);
    this.axes = section.axes.length;
    this.#usual = new UsualMessage(this.#fields);
    this.units = this.#fields.map(({ unit }) => unit);
    this.#packets = [...new Set(this.#fields.map((field) => field.packet.toString(16)))];
    this.expected = `MTData2 messages of Xsens (fa ff 36) with packet ${this.#packets.join(' and ')}`;
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

  readRun(bytes: Uint8Array, start: number, end: number, taker: FrameTaker): number {
    return this.#usual.readRun(bytes, start, end, taker);
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
      this.#usual.learn(bytes, start, end);
      taker.add();
    } else {
      taker.other(
        `a message of Xsens lacks a packet that the axes need (${this.#packets.join(', ')}): switch it on by the output configuration`,
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

/** Xsens and Movella MTi. */
export const xsens = defineDecoder({
  name: 'xsens',
  options: { fields: fieldsOption },
  faults: (section) => fieldFaults(section, fieldNames),
  signature: { isPossible: (bytes) => Buffer.from(bytes).includes(Buffer.of(preamble, busId)) },
  create: (section) => new FrameDecoder(new XsensFormat(section)),
});
