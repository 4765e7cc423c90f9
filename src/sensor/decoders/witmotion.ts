import { fieldFaults, fieldIndexes, fieldsOption, type AxisFields } from './axis-fields.js';
import type { DeviceClock, Unit } from './decoder.js';
import { defineDecoder } from './definition.js';
import { sum8 } from './frames/checksums.js';
import { noFrame } from './frames/frame-buffer.js';
import { FrameDecoder, type FrameFormat, type FrameTaker } from './frames/frame-decoder.js';

const header = 0x55;
const frameBytes = 11;
const longType = 0x61;
const registerReply = 0x71;
const longBytes = 20;
/** Long frames have no checksum: so many headers in their places show that they are frames. */
const headersToLock = 3;

const fullScale = 32768;
const accelerationG = 16 / fullScale;
const rotationDegS = 2000 / fullScale;
const angleDeg = 180 / fullScale;

/** A field: the type of its frame, its place among the four int16 of it, its scale and unit. */
interface Field {
  readonly name: string;
  readonly type: number;
  readonly place: number;
  readonly scale: number;
  readonly unit: Unit;
}

function triple(names: readonly string[], type: number, scale: number, unit: Unit): Field[] {
  return names.map((name, place) => ({ name, type, place, scale, unit }));
}

/** Those of the standard protocol (wit_c_sdk, REG.h); the first nine are also those of a long frame, in this order. */
const fields: readonly Field[] = [
  ...triple(['ax', 'ay', 'az'], 0x51, accelerationG, 'g'),
  ...triple(['gx', 'gy', 'gz'], 0x52, rotationDegS, 'deg/s'),
  ...triple(['roll', 'pitch', 'yaw'], 0x53, angleDeg, 'deg'),
  ...triple(['mx', 'my', 'mz'], 0x54, 1, 'raw'),
  ...triple(['q0', 'q1', 'q2', 'q3'], 0x59, 1 / fullScale, 'raw'),
];
const fieldNames = fields.map(({ name }) => name);
const longFields = 9;

/**
 * Frames of WitMotion sensors: the standard protocol, 11 bytes with a checksum and one kind of field each, of which
 * those of one sample follow each other with rising types; and long frames of 20 bytes, without a checksum, which
 * the Bluetooth models also send over USB. A row is complete with the last of its fields.
 */
class WitmotionFormat implements FrameFormat {
  readonly name = 'WitMotion';
  readonly axes: number;
  readonly units: readonly Unit[];
  readonly deviceClock: DeviceClock = {};
  readonly maxFrameBytes = (headersToLock - 1) * longBytes + 2;
  readonly expected: string;
  readonly #indexes: readonly number[];
  /** For the field of each axis: the type of its frame, its place there, and its scale. */
  readonly #fieldTypes: Uint8Array;
  readonly #places: Uint8Array;
  readonly #scales: Float64Array;
  readonly #isInLongFrames: boolean;
  /** Readings of the sample under way, by axis. */
  readonly #readings: Float64Array;
  /** The types that a row needs, as bits from 0x50 on; those that the sample under way has. */
  readonly #needed: number;
  #seen = 0;
  /** The types that the sensor has sent at all. */
  #types = 0;
  #lastType = 0;
  /** True when a frame of the sample under way was damaged, and its row told as lost with it. */
  #isToldLost = false;
  /** True when a row was complete since the link was opened: before, no sample can be missed. */
  #hasRow = false;
  /** True when the byte at hand follows a long frame that was taken. */
  #isLocked = false;

  constructor(section: AxisFields) {
    this.#indexes = fieldIndexes(section, fieldNames);
    const ofAxes = this.#indexes.flatMap((index) => fields[index] ?? []);
    this.#fieldTypes = Uint8Array.from(ofAxes, ({ type }) => type);
    this.#places = Uint8Array.from(ofAxes, ({ place }) => place);
    this.#scales = Float64Array.from(ofAxes, ({ scale }) => scale);
    this.axes = section.axes.length;
    this.units = ofAxes.map(({ unit }) => unit);
    this.#readings = new Float64Array(this.axes);
    this.#needed = ofAxes.reduce((bits, { type }) => bits | (1 << (type & 0xf)), 0);
    this.#isInLongFrames = this.#indexes.every((index) => index < longFields);
    const types = [...new Set(ofAxes.map(({ type }) => type.toString(16)))];
    this.expected = `frames of WitMotion (55 ${types.join(', 55 ')}, or 55 61)`;
  }

  reset(): void {
    this.#seen = 0;
    this.#lastType = 0;
    this.#hasRow = false;
    this.#isLocked = false;
  }

  read(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    if (bytes[at] !== header) {
      this.#isLocked = false;
      return noFrame;
    }
    if (end - at < 2) {
      return 0;
    }
    const type = bytes[at + 1] ?? 0;
    if (type === longType || type === registerReply) {
      return this.#readLong(bytes, at, end, taker);
    }
    this.#isLocked = false;
    if (type < 0x50 || type > 0x5f) {
      return noFrame;
    }
    if (end - at < frameBytes) {
      return 0;
    }
    if (sum8(bytes, at, at + frameBytes - 1) !== bytes[at + frameBytes - 1]) {
      const bit = 1 << (type & 0xf);
      const isOther = (bit & this.#types & ~this.#needed) !== 0;
      this.#isToldLost ||= !isOther;
      return taker.damaged(
        isOther ? 0 : frameBytes,
        'a frame of WitMotion has another checksum than its bytes',
      );
    }
    this.#take(bytes, at, type, taker);
    return frameBytes;
  }

  /** Standard frames of types that came before, in samples that lack none. */
  readRun(bytes: Uint8Array, start: number, end: number, taker: FrameTaker): number {
    const { rows } = taker;
    const { room, values } = rows;
    const readings = this.#readings;
    const needed = this.#needed;
    let { offset } = rows;
    let at = start;
    let rowCount = 0;
    let otherFrames = 0;
    let isRow = false;
    let seen = this.#seen;
    let lastType = this.#lastType;
    while (at + frameBytes <= end && rowCount < room) {
      const type = bytes[at + 1] ?? 0;
      const bit = 1 << (type & 0xf);
      const isKnown = bytes[at] === header && type >> 4 === 5 && (this.#types & bit) !== 0;
      if (!isKnown || frameSum(bytes, at) !== bytes[at + frameBytes - 1]) {
        break;
      }
      if (type <= lastType) {
        if (this.#isToldLost || (seen & needed) !== needed) {
          break;
        }
        seen = 0;
      }
      lastType = type;
      isRow = false;
      if ((needed & bit) === 0) {
        otherFrames += 1;
      } else {
        seen |= bit;
        this.#readFields(bytes, at, type);
        if ((seen & needed) === needed) {
          for (let axis = 0; axis < readings.length; axis += 1) {
            values[offset + axis] = readings[axis] ?? Number.NaN;
          }
          offset += readings.length;
          rowCount += 1;
          isRow = true;
        }
      }
      at += frameBytes;
    }
    if (at > start) {
      this.#isLocked = false;
      this.#seen = seen;
      this.#lastType = lastType;
      this.#hasRow ||= rowCount > 0;
      taker.addRun((at - start) / frameBytes, rowCount, otherFrames, isRow ? frameBytes : 0);
    }
    return at - start;
  }

  #take(bytes: Uint8Array, at: number, type: number, taker: FrameTaker): void {
    // A type that does not rise begins the next sample.
    if (type <= this.#lastType) {
      if (this.#hasRow && !this.#isToldLost && (this.#seen & this.#needed) !== this.#needed) {
        taker.missed('a sample of WitMotion lacks a frame that its others had');
      }
      this.#seen = 0;
      this.#isToldLost = false;
    }
    this.#lastType = type;
    const bit = 1 << (type & 0xf);
    this.#types |= bit;
    if ((this.#needed & bit) === 0) {
      taker.other(
        `the sensor sends frames 55 ${type.toString(16)}, and none of the type that the axes need: switch its content on`,
      );
      return;
    }
    this.#seen |= bit;
    this.#readFields(bytes, at, type);
    if ((this.#seen & this.#needed) === this.#needed) {
      this.#hasRow = true;
      this.#add(taker);
    }
  }

  /** Reads the fields that a standard frame has. */
  #readFields(bytes: Uint8Array, at: number, type: number): void {
    const fieldTypes = this.#fieldTypes;
    for (let axis = 0; axis < fieldTypes.length; axis += 1) {
      if (fieldTypes[axis] === type) {
        const low = at + 2 + 2 * (this.#places[axis] ?? 0);
        this.#readings[axis] =
          ((((bytes[low + 1] ?? 0) << 24) | ((bytes[low] ?? 0) << 16)) >> 16) *
          (this.#scales[axis] ?? 0);
      }
    }
  }

  /**
   * Takes a long frame once the header of the next stands in its place, so that a byte that was lost within it
   * does not shift its readings unseen.
   */
  #readLong(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    const headers = this.#isLocked ? 2 : headersToLock;
    for (let n = 1; n < headers; n += 1) {
      const next = at + n * longBytes;
      if (end <= next + 1) {
        return 0;
      }
      const type = bytes[next + 1];
      if (bytes[next] !== header || (type !== longType && type !== registerReply)) {
        const wasLocked = this.#isLocked;
        this.#isLocked = false;
        return wasLocked
          ? taker.damaged(longBytes, 'no frame 55 61 follows where the one before ends')
          : noFrame;
      }
    }
    this.#isLocked = true;
    if (bytes[at + 1] === longType && this.#isInLongFrames) {
      for (let axis = 0; axis < this.axes; axis += 1) {
        const low = at + 2 + 2 * (this.#indexes[axis] ?? 0);
        this.#readings[axis] =
          ((((bytes[low + 1] ?? 0) << 24) | ((bytes[low] ?? 0) << 16)) >> 16) *
          (this.#scales[axis] ?? 0);
      }
      this.#add(taker);
    } else {
      taker.other('a frame 55 61 has acceleration, rotation and angles, and no other field');
    }
    return longBytes;
  }

  #add(taker: FrameTaker): void {
    const { values, offset } = taker.rows;
    for (let axis = 0; axis < this.axes; axis += 1) {
      values[offset + axis] = this.#readings[axis] ?? Number.NaN;
    }
    taker.add();
  }
}

/** The checksum that a standard frame must have: the sum of its bytes, without a loop. */
function frameSum(bytes: Uint8Array, at: number): number {
  const first =
    (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) + (bytes[at + 2] ?? 0) + (bytes[at + 3] ?? 0);
  const second =
    (bytes[at + 4] ?? 0) + (bytes[at + 5] ?? 0) + (bytes[at + 6] ?? 0) + (bytes[at + 7] ?? 0);
  return (first + second + (bytes[at + 8] ?? 0) + (bytes[at + 9] ?? 0)) & 0xff;
}

/** WitMotion WT901, JY901, HWT905, BWT61CL and their kin. */
export const witmotion = defineDecoder({
  name: 'witmotion',
  options: { fields: fieldsOption },
  faults: (section) => fieldFaults(section, fieldNames),
  signature: { isPossible: (bytes) => bytes.includes(header) },
  create: (section) => new FrameDecoder(new WitmotionFormat(section)),
});
