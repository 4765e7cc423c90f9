import { frameFields, syncBytes, type BinaryOptions, type PlacedField } from './binary-frame.js';
import type { DeviceClock, Unit } from './decoder.js';
import { checksumKinds, type ChecksumKind } from './frames/checksum-kinds.js';
import { noFrame } from './frames/frame-buffer.js';
import type { FrameFormat, FrameTaker } from './frames/frame-decoder.js';
import { bytesOf, readNumber, unsigned, writeNumber } from './frames/numbers.js';

/** Returns what the field of the time should be called that makes a sensor's clock so many times as fast as it is. */
function timeFieldAdvice(name: 'timeMs' | 'timeUs', ratio: number): string | undefined {
  const isOther = Math.abs((name === 'timeMs' ? ratio / 1000 : ratio * 1000) - 1) < 0.2;
  const other = name === 'timeMs' ? 'timeUs' : 'timeMs';
  return isOther ? `write ${other} for ${name} in sensor.frame` : undefined;
}

/** So many frames that follow each other are taken for frames where there is no checksum. */
const framesToLock = 3;

/** Frames of one length that begin with the same bytes. */
export class BinaryFormat implements FrameFormat {
  readonly name: string;
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock;
  readonly maxFrameBytes: number;
  readonly expected: string;
  readonly #sync: Uint8Array;
  readonly #length: number;
  readonly #isLittleEndian: boolean;
  readonly #checksum: ChecksumKind;
  readonly #checksumFrom: number;
  readonly #isChecksumLittle: boolean;
  readonly #fields: readonly PlacedField[];
  /** Where each axis stands in a frame, where all of them are int16, as most are; else undefined. */
  readonly #int16Places: Int32Array | undefined;
  readonly #counter: PlacedField | undefined;
  readonly #time: PlacedField | undefined;
  readonly #timeUnitMs: number;
  /** True when the byte at hand follows a frame that was taken without a checksum. */
  #isLocked = false;

  constructor(options: BinaryOptions) {
    const { length, places } = frameFields(options);
    this.#sync = syncBytes(options.sync);
    this.#length = length;
    this.axes = options.axes.length;
    this.units = options.axes.map(() => undefined);
    this.#isLittleEndian = options.endian === 'little';
    this.#checksum = checksumKinds[options.checksum];
    this.#checksumFrom = options.checksumFrom === 'sync' ? 0 : this.#sync.length;
    this.#isChecksumLittle = (options.checksumEndian ?? options.endian) === 'little';
    this.#fields = options.axes.flatMap((axis) => places.get(axis.toLowerCase()) ?? []);
    this.#int16Places = this.#fields.every(({ type }) => type === 'i16')
      ? Int32Array.from(this.#fields, ({ at }) => at)
      : undefined;
    this.#counter = places.get('counter');
    this.#time = places.get('timems') ?? places.get('timeus');
    this.#timeUnitMs = places.has('timems') ? 1 : 0.001;
    this.deviceClock = {
      counter: this.#counter && { modulus: 2 ** (8 * bytesOf(this.#counter.type)) },
      time: this.#time && {
        wrapMs: this.#timeUnitMs * 2 ** (8 * bytesOf(this.#time.type)),
        advice: (ratio) => timeFieldAdvice(this.#timeUnitMs === 1 ? 'timeMs' : 'timeUs', ratio),
      },
    };
    this.maxFrameBytes =
      this.#checksum.bytes === 0 ? (framesToLock - 1) * length + this.#sync.length : length;
    const name = Buffer.from(this.#sync)
      .toString('hex')
      .replaceAll(/(..)(?=.)/g, '$1 ');
    this.name = `frames that begin with ${name}`;
    this.expected = `a frame of ${length} bytes that begins with ${name}`;
  }

  reset(): void {
    this.#isLocked = false;
  }

  read(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    const begins = this.#begins(bytes, at, end);
    if (begins === false) {
      this.#isLocked = false;
      return noFrame;
    }
    if (begins === undefined || end - at < this.#length) {
      return 0;
    }
    if (this.#checksum.bytes === 0) {
      const length = this.#lock(bytes, at, end, taker);
      if (length <= 0) {
        return length;
      }
    } else if (!this.#isGood(bytes, at)) {
      return taker.damaged(
        this.#length,
        `a frame of ${this.#length} bytes has another checksum than its bytes`,
      );
    }
    this.#take(bytes, at, taker);
    return this.#length;
  }

  readRun(bytes: Uint8Array, start: number, end: number, taker: FrameTaker): number {
    const { rows } = taker;
    const { room, count, values, device } = rows;
    const { axes } = this;
    const length = this.#length;
    const counter = this.#counter;
    const time = this.#time;
    const hasChecksum = this.#checksum.bytes > 0;
    // Without a checksum the sync bytes of the next frame must be there.
    const needed = hasChecksum ? length : length + this.#sync.length;
    let { offset } = rows;
    let at = start;
    let rowCount = 0;
    if (!hasChecksum && !this.#isLocked) {
      return 0;
    }
    while (at + needed <= end && rowCount < room) {
      if (
        !this.#hasSync(bytes, at) ||
        (hasChecksum ? !this.#isGood(bytes, at) : !this.#hasSync(bytes, at + length)) ||
        !this.#readAxes(bytes, at, values, offset)
      ) {
        break;
      }
      // Without a field of that both stay as they are: NaN.
      if (counter !== undefined) {
        device.counter[count + rowCount] = this.#integer(bytes, at, counter);
      }
      if (time !== undefined) {
        device.timeMs[count + rowCount] = this.#timeUnitMs * this.#integer(bytes, at, time);
      }
      offset += axes;
      rowCount += 1;
      at += length;
    }
    if (rowCount > 0) {
      taker.addRun(rowCount, rowCount, 0, length);
    }
    return at - start;
  }

  #hasSync(bytes: Uint8Array, at: number): boolean {
    const sync = this.#sync;
    for (let n = 0; n < sync.length; n += 1) {
      if (bytes[at + n] !== sync[n]) {
        return false;
      }
    }
    return true;
  }

  /** Writes the readings of a frame to `values`; false where one of them is not finite. */
  #readAxes(bytes: Uint8Array, at: number, values: Float32Array, offset: number): boolean {
    const isLittleEndian = this.#isLittleEndian;
    const int16Places = this.#int16Places;
    if (int16Places !== undefined) {
      for (let axis = 0; axis < int16Places.length; axis += 1) {
        const fieldAt = at + (int16Places[axis] ?? 0);
        const first = bytes[fieldAt] ?? 0;
        const second = bytes[fieldAt + 1] ?? 0;
        values[offset + axis] = isLittleEndian
          ? ((second << 24) | (first << 16)) >> 16
          : ((first << 24) | (second << 16)) >> 16;
      }
      return true;
    }
    const fields = this.#fields;
    let areFinite = true;
    for (let axis = 0; axis < fields.length; axis += 1) {
      const field = fields[axis];
      if (field !== undefined) {
        writeNumber(values, offset + axis, bytes, at + field.at, field.type, isLittleEndian);
        areFinite &&= Number.isFinite(values[offset + axis] ?? Number.NaN);
      }
    }
    return areFinite;
  }

  /** Reads a counter or a time, most of which have 16 or 32 bits; NaN where the frame has none. */
  #integer(bytes: Uint8Array, frameAt: number, field: PlacedField | undefined): number {
    if (field === undefined) {
      return Number.NaN;
    }
    const at = frameAt + field.at;
    if (field.type === 'u16' || field.type === 'u32') {
      return unsigned(bytes, at, field.type === 'u16' ? 2 : 4, this.#isLittleEndian);
    }
    return readNumber(bytes, at, field.type, this.#isLittleEndian);
  }

  /** Returns whether a frame begins here; undefined when further bytes must tell. */
  #begins(bytes: Uint8Array, at: number, end: number): boolean | undefined {
    for (let n = 0; n < this.#sync.length; n += 1) {
      if (at + n >= end) {
        return undefined;
      }
      if (bytes[at + n] !== this.#sync[n]) {
        return false;
      }
    }
    return true;
  }

  #isGood(bytes: Uint8Array, at: number): boolean {
    const checksum = this.#checksum;
    const { bytes: size } = checksum;
    const checksumAt = at + this.#length - size;
    const sum = checksum.compute(bytes, at + this.#checksumFrom, checksumAt);
    if (size === 1) {
      return sum === bytes[checksumAt];
    }
    const first = bytes[checksumAt] ?? 0;
    const second = bytes[checksumAt + 1] ?? 0;
    return sum === (this.#isChecksumLittle ? first | (second << 8) : (first << 8) | second);
  }

  /** Without a checksum: whether frames follow this one, as many as are needed; as `FrameReader.read`. */
  #lock(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    const frames = this.#isLocked ? 2 : framesToLock;
    for (let n = 1; n < frames; n += 1) {
      const begins = this.#begins(bytes, at + n * this.#length, end);
      if (begins === undefined) {
        return 0;
      }
      if (!begins) {
        const wasLocked = this.#isLocked;
        this.#isLocked = false;
        return wasLocked
          ? taker.damaged(this.#length, 'no frame follows where the one before ends')
          : noFrame;
      }
    }
    this.#isLocked = true;
    return this.#length;
  }

  #take(bytes: Uint8Array, at: number, taker: FrameTaker): void {
    const { rows } = taker;
    const { values, offset } = rows;
    const fields = this.#fields;
    for (let axis = 0; axis < fields.length; axis += 1) {
      const field = fields[axis];
      if (field !== undefined) {
        writeNumber(values, offset + axis, bytes, at + field.at, field.type, this.#isLittleEndian);
      }
    }
    rows.deviceCounter = this.#integer(bytes, at, this.#counter);
    rows.deviceTimeMs = this.#timeUnitMs * this.#integer(bytes, at, this.#time);
    taker.add();
  }
}
