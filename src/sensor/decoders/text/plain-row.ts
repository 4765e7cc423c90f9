const minus = 0x2d;
const point = 0x2e;
const comma = 0x2c;
const semicolon = 0x3b;
const tab = 0x09;
const space = 0x20;
const zero = 0x30;

/** Further digits may pass 2^53, beyond which float64 is not exact. */
const mostDigits = 15;
const powersOfTen = Float64Array.from({ length: mostDigits + 1 }, (_, n) => 10 ** n);

/** A field whose number is not read, and one that is the sensor's time. */
export const unreadField = -1;
export const timeField = -2;

/**
 * Reads rows in one pass where they are as most are: plain decimal numbers with one comma, semicolon or tab between. What is
 * anything else, be it a row or not, is left to `CsvLine`.
 */
export class PlainRow {
  /** The time in the last row that was read, where one of its fields is that. */
  time = Number.NaN;
  readonly #targets: Int32Array;

  /** @param targets for each field the axis that it is, or `unreadField` or `timeField` */
  constructor(targets: Int32Array) {
    this.#targets = targets;
  }

  /** Writes the readings to `values` from `offset` on, which hold what they will where the result is false. */
  read(
    bytes: Uint8Array,
    start: number,
    end: number,
    values: Float32Array,
    offset: number,
  ): boolean {
    const targets = this.#targets;
    let at = start;
    let separator = 0;
    for (let field = 0; field < targets.length; field += 1) {
      if (field > 0) {
        const byte = bytes[at];
        if (at >= end || (byte !== comma && byte !== semicolon && byte !== tab)) {
          return false;
        }
        if (separator !== 0 && byte !== separator) {
          return false;
        }
        separator = byte;
        at += 1;
      }
      while (at < end && bytes[at] === space) {
        at += 1;
      }
      const target = targets[field] ?? unreadField;
      if (target === unreadField) {
        const from = at;
        for (; at < end; at += 1) {
          const byte = bytes[at] ?? 0;
          // Letters stand above all separators.
          if (byte <= semicolon && isSeparator(byte)) {
            break;
          }
        }
        // A line that ends with a separator has one field less.
        if (at === from || (bytes[from] ?? 0) < space) {
          return false;
        }
        continue;
      }
      const isNegative = at < end && bytes[at] === minus;
      if (isNegative) {
        at += 1;
      }
      let mantissa = 0;
      let digits = 0;
      let decimals = -1;
      for (; at < end; at += 1) {
        const byte = bytes[at] ?? 0;
        const digit = byte - zero;
        if (digit >= 0 && digit <= 9) {
          mantissa = mantissa * 10 + digit;
          digits += 1;
          if (decimals !== -1) {
            decimals += 1;
          }
        } else if (byte === point && decimals === -1) {
          decimals = 0;
        } else {
          break;
        }
      }
      if (digits === 0 || digits > mostDigits) {
        return false;
      }
      const magnitude = decimals > 0 ? mantissa / (powersOfTen[decimals] ?? 1) : mantissa;
      const value = isNegative ? -magnitude : magnitude;
      if (target === timeField) {
        this.time = value;
      } else {
        values[offset + target] = value;
      }
    }
    // As some loggers end a line.
    const isSeparated = at === end - 1 && (separator === 0 || bytes[at] === separator);
    return at === end || (isSeparated && isSeparator(bytes[at] ?? 0));
  }
}

function isSeparator(byte: number): boolean {
  return byte === comma || byte === semicolon || byte === tab;
}
