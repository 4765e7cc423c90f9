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

/**
 * Reads a row in one pass where it is as most are: just so many plain decimal numbers with one comma, semicolon or
 * tab between. What is anything else, be it a row or not, is left to `CsvLine`.
 *
 * @param values takes the numbers from `offset` on, and holds what it will where the result is false
 */
export function readPlainRow(
  bytes: Uint8Array,
  start: number,
  end: number,
  values: Float32Array,
  offset: number,
  count: number,
): boolean {
  let at = start;
  let separator = 0;
  for (let field = 0; field < count; field += 1) {
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
    values[offset + field] = isNegative ? -magnitude : magnitude;
  }
  return at === end;
}
