const newline = 0x0a;
const carriageReturn = 0x0d;
const minus = 0x2d;
const point = 0x2e;
const comma = 0x2c;
const semicolon = 0x3b;
const tab = 0x09;
const space = 0x20;
const zero = 0x30;

/** Further digits may pass 2^31, beyond which an integer of 32 bits is not exact. */
const mostIntegerDigits = 9;
/** Further digits may pass 2^53, beyond which float64 is not exact. */
const mostDigits = 15;
const powersOfTen = Float64Array.from({ length: mostDigits + 1 }, (_, n) => 10 ** n);

/** A field whose number is not read, and one that is the sensor's time. */
export const unreadField = -1;
export const timeField = -2;

const notPlain = -1;

/** Keeps the rows of a run. */
export interface RowKeeper {
  /** The next row is written from `offset` on, and its time at `count`. */
  readonly values: Float32Array;
  readonly offset: number;
  readonly device: { readonly timeMs: Float64Array };
  readonly count: number;
  /** Rows that can be written before they are kept, 1 or more. */
  readonly room: number;
  /** Keeps so many rows that were written; at most `room`. */
  addAll(rows: number): void;
}

/**
 * Reads rows in one pass where they are as most are: plain decimal numbers with one comma, semicolon or tab between. What is
 * anything else, be it a row or not, is left to `CsvLine`.
 */
export class PlainRow {
  /** The time in the last row that was read, where one of its fields is that. */
  time = Number.NaN;
  /** Rows of the last run. */
  runRows = 0;
  readonly #targets: Int32Array;
  readonly #axes: number;
  readonly #hasTime: boolean;

  /** @param targets for each field the axis that it is, or `unreadField` or `timeField` */
  constructor(targets: Int32Array) {
    this.#targets = targets;
    this.#axes = targets.filter((target) => target >= 0).length;
    this.#hasTime = targets.includes(timeField);
  }

  /** Writes the readings to `values` from `offset` on, which hold what they will where the result is false. */
  read(
    bytes: Uint8Array,
    start: number,
    end: number,
    values: Float32Array,
    offset: number,
  ): boolean {
    return this.#endOfRow(bytes, start, end, values, offset) === end;
  }

  /**
   * Reads lines that follow each other from `bytes[start]` on and end with LF or CRLF, up to the first that is not plain, not
   * whole or too long.
   *
   * @param rows keeps them; `runRows` tells how many they are
   * @param timeUnitMs milliseconds in one of the time
   * @returns where the first line begins that was not read
   */
  readRun(
    bytes: Uint8Array,
    start: number,
    maxLineBytes: number,
    rows: RowKeeper,
    timeUnitMs: number,
  ): number {
    const { values } = rows;
    const axes = this.#axes;
    const { timeMs } = rows.device;
    const hasTime = this.#hasTime;
    const { length } = bytes;
    let at = start;
    let { offset, count, room } = rows;
    let ready = 0;
    let taken = 0;
    for (;;) {
      let end = this.#endOfRow(bytes, at, length, values, offset);
      if (end === notPlain || end - at > maxLineBytes) {
        break;
      }
      if (end < length && bytes[end] === carriageReturn) {
        end += 1;
      }
      if (end >= length || bytes[end] !== newline) {
        break;
      }
      if (hasTime) {
        timeMs[count + ready] = this.time * timeUnitMs;
      }
      at = end + 1;
      offset += axes;
      ready += 1;
      if (ready === room) {
        rows.addAll(ready);
        taken += ready;
        ready = 0;
        ({ offset, count, room } = rows);
      }
    }
    if (ready > 0) {
      rows.addAll(ready);
    }
    this.runRows = taken + ready;
    return at;
  }

  /** Reads the fields of a row, at most up to `limit`; returns where they end, or `notPlain`. */
  #endOfRow(
    bytes: Uint8Array,
    start: number,
    limit: number,
    values: Float32Array,
    offset: number,
  ): number {
    const targets = this.#targets;
    const fields = targets.length;
    let at = start;
    let separator = 0;
    for (let field = 0; field < fields; field += 1) {
      if (field > 0) {
        const byte = at < limit ? (bytes[at] ?? 0) : 0;
        if (!isSeparator(byte) || (separator !== 0 && byte !== separator)) {
          return notPlain;
        }
        separator = byte;
        at += 1;
      }
      while (at < limit && bytes[at] === space) {
        at += 1;
      }
      const target = targets[field] ?? unreadField;
      if (target === unreadField) {
        const from = at;
        for (; at < limit; at += 1) {
          const byte = bytes[at] ?? 0;
          // Letters stand above all separators.
          if (byte <= semicolon && (isSeparator(byte) || isLineEnd(byte))) {
            break;
          }
        }
        // A line that ends with a separator has one field less.
        if (at === from || (bytes[from] ?? 0) < space) {
          return notPlain;
        }
        continue;
      }
      const isNegative = at < limit && bytes[at] === minus;
      if (isNegative) {
        at += 1;
      }
      const from = at;
      let integer = 0;
      for (; at < limit; at += 1) {
        const digit = (bytes[at] ?? 0) - zero;
        if (digit < 0 || digit > 9) {
          break;
        }
        integer = (Math.imul(integer, 10) + digit) | 0;
      }
      let digits = at - from;
      let decimals = 0;
      if (at < limit && bytes[at] === point) {
        at += 1;
        const pointEnd = at;
        for (; at < limit; at += 1) {
          const digit = (bytes[at] ?? 0) - zero;
          if (digit < 0 || digit > 9) {
            break;
          }
          integer = (Math.imul(integer, 10) + digit) | 0;
        }
        decimals = at - pointEnd;
        digits += decimals;
      }
      if (digits === 0 || digits > mostDigits) {
        return notPlain;
      }
      const mantissa = digits > mostIntegerDigits ? longInteger(bytes, from, at) : integer;
      const magnitude = decimals > 0 ? mantissa / (powersOfTen[decimals] ?? 1) : mantissa;
      const value = isNegative ? -magnitude : magnitude;
      if (target === timeField) {
        this.time = value;
      } else {
        values[offset + target] = value;
      }
    }
    // As some loggers end a line.
    const last = at < limit ? (bytes[at] ?? 0) : 0;
    return isSeparator(last) && (separator === 0 || last === separator) ? at + 1 : at;
  }
}

/** Returns the digits of `bytes[start..end)` as one integer, whether a point is among them or not; at most 15. */
function longInteger(bytes: Uint8Array, start: number, end: number): number {
  let integer = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte !== point) {
      integer = integer * 10 + (byte - zero);
    }
  }
  return integer;
}

function isSeparator(byte: number): boolean {
  return byte === comma || byte === semicolon || byte === tab;
}

function isLineEnd(byte: number): boolean {
  return byte === newline || byte === carriageReturn;
}
