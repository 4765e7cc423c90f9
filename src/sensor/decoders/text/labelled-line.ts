import { parseDecimal } from './decimal.js';
import { isBlank, LineShape, passedNumber } from './line-shape.js';

const tab = 0x09;
const comma = 0x2c;
const colon = 0x3a;
const semicolon = 0x3b;
const equals = 0x3d;

/**
 * Reads lines in which each number has its name before it, as the Arduino plotter takes them (`x:1,y:2,z:3`) and
 * people print them (`X: 0.12, Y: -3 Z=9.81 m/s^2`). What stands behind a number and has no colon is its unit.
 */
export class LabelledLine {
  /** For each axis the names that mean it, as lower-case bytes. */
  readonly #names: readonly (readonly Uint8Array[])[];
  /** The axis that each of the first pairs was in the last lines, and its name there: lines are mostly alike. */
  readonly #usualAxes: Int32Array;
  readonly #usualNames: (Uint8Array | undefined)[] = [];
  readonly #shape: LineShape;
  /** Pairs of a name and a number in the last line, as far as it was read. */
  pairs = 0;

  /** @param names for each axis the names that mean it, in lower case; those of two axes differ */
  constructor(names: readonly (readonly string[])[], maxLineBytes: number) {
    this.#shape = new LineShape(maxLineBytes, names.length);
    this.#usualAxes = new Int32Array(2 * names.length).fill(-1);
    this.#names = names.map((each) => each.map((name) => Buffer.from(name, 'latin1')));
  }

  /**
   * Writes the number of each axis to `values` from `offset` on.
   *
   * @returns false unless every axis has just one, finite in float32
   */
  read(
    bytes: Uint8Array,
    start: number,
    end: number,
    values: Float32Array,
    offset: number,
  ): boolean {
    const shape = this.#shape;
    const axes = this.#names.length;
    if (shape.read(bytes, start, end)) {
      // Its numbers have few digits, so that all are finite in float32.
      for (let axis = 0; axis < axes; axis += 1) {
        values[offset + axis] = shape.values[axis] ?? Number.NaN;
      }
      return true;
    }
    shape.begin();
    this.pairs = 0;
    for (let axis = 0; axis < axes; axis += 1) {
      values[offset + axis] = Number.NaN;
    }
    let found = 0;
    let from = start;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at];
      if (byte !== colon && byte !== equals) {
        continue;
      }
      const axis = this.#axisOf(bytes, labelStart(bytes, from, at, from === start), at);
      let numberAt = at + 1;
      while (numberAt < end && isBlank(bytes[numberAt] ?? 0)) {
        numberAt += 1;
      }
      let numberEnd = numberAt;
      while (numberEnd < end && !isBreak(bytes[numberEnd] ?? 0)) {
        numberEnd += 1;
      }
      const value = Math.fround(parseDecimal(bytes, numberAt, numberEnd, false));
      if (!Number.isFinite(value) || isDecimalComma(bytes, numberEnd, end)) {
        return false;
      }
      this.pairs += 1;
      shape.mark(numberAt, numberEnd, axis === -1 ? passedNumber : axis);
      if (axis !== -1) {
        if (!Number.isNaN(values[offset + axis] ?? 0)) {
          return false;
        }
        values[offset + axis] = value;
        found += 1;
      }
      from = numberEnd;
      at = numberEnd - 1;
    }
    if (found === axes) {
      shape.learn(bytes, start, end);
    }
    return found === axes;
  }

  #axisOf(bytes: Uint8Array, start: number, end: number): number {
    let last = end;
    while (last > start && isBlank(bytes[last - 1] ?? 0)) {
      last -= 1;
    }
    const { pairs } = this;
    if (isSame(bytes, start, last, this.#usualNames[pairs])) {
      return this.#usualAxes[pairs] ?? -1;
    }
    for (let axis = 0; axis < this.#names.length; axis += 1) {
      const names = this.#names[axis] ?? [];
      for (let n = 0; n < names.length; n += 1) {
        if (isSame(bytes, start, last, names[n])) {
          if (pairs < this.#usualAxes.length) {
            this.#usualAxes[pairs] = axis;
            this.#usualNames[pairs] = names[n];
          }
          return axis;
        }
      }
    }
    return -1;
  }
}

/** Returns whether behind a number there is a comma and then digits alone, which are no name of another number. */
function isDecimalComma(bytes: Uint8Array, commaAt: number, end: number): boolean {
  let at = commaAt + 1;
  while (at < end && isDigit(bytes[at] ?? 0)) {
    at += 1;
  }
  if (bytes[commaAt] !== comma || at === commaAt + 1) {
    return false;
  }
  const isWhole = at === end || isBreak(bytes[at] ?? 0);
  while (at < end && isBlank(bytes[at] ?? 0)) {
    at += 1;
  }
  return isWhole && bytes[at] !== colon && bytes[at] !== equals;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Returns where the label that ends at `colonAt` begins: the first of a line may have blanks, another is one word. */
function labelStart(bytes: Uint8Array, from: number, colonAt: number, isFirst: boolean): number {
  let last = colonAt;
  while (last > from && isBlank(bytes[last - 1] ?? 0)) {
    last -= 1;
  }
  let start = last;
  while (
    start > from &&
    (isFirst ? !isSeparator(bytes[start - 1] ?? 0) : !isBreak(bytes[start - 1] ?? 0))
  ) {
    start -= 1;
  }
  while (start < last && isBlank(bytes[start] ?? 0)) {
    start += 1;
  }
  return start;
}

function isSame(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: Uint8Array | undefined,
): boolean {
  if (name === undefined || end - start !== name.length) {
    return false;
  }
  for (let n = 0; n < name.length; n += 1) {
    const byte = bytes[start + n] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== name[n]) {
      return false;
    }
  }
  return true;
}

function isSeparator(byte: number): boolean {
  return byte === comma || byte === semicolon || byte === tab;
}

function isBreak(byte: number): boolean {
  return isBlank(byte) || isSeparator(byte);
}
