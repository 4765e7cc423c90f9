const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;
const comma = 0x2c;
const zero = 0x30;

/** A larger mantissa could pass 2^53 with one more digit, beyond which float64 is not exact. */
const lastSafeMantissa = Math.floor((2 ** 53 - 10) / 10);

/** 10^0 ... 10^22: the powers of ten that float64 holds exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * Reads the decimal number in `bytes[start..end)`, to the same bits as
 * `Number(text)`; NaN for anything else (hex, `nan`, `inf`, nothing, blanks). May
 * be infinite, as `Number('1e999')` is.
 *
 * An exact mantissa times or over an exact power of ten is rounded only once, so
 * the result is right without a string (the fast path of Clinger, "How to read
 * floating point numbers accurately", 1990); other numbers go through `Number`.
 *
 * @param decimalComma also reads `1,5`, with a digit on either side of the comma
 */
export function parseDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimalComma: boolean,
): number {
  // Compiled into the caller, unlike the reading itself, whose result would be an object on the heap.
  result[0] = Number.NaN;
  if (!readDecimal(bytes, start, end, decimalComma)) {
    return Number.NaN;
  }
  return result[0];
}

const result = new Float64Array(1);

/** Writes the number to `result`; false where there is none. */
function readDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimalComma: boolean,
): boolean {
  let at = start;
  const sign = bytes[at];
  if (sign === plus || sign === minus) {
    at += 1;
  }

  let mantissa = 0;
  let exponent = 0;
  let digits = 0;
  let exact = true;
  let pointAt = -1;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    const digit = byte - zero;
    if (digit >= 0 && digit <= 9) {
      digits += 1;
      if (mantissa > lastSafeMantissa) {
        exact = false;
      } else {
        mantissa = mantissa * 10 + digit;
        if (pointAt !== -1) {
          exponent -= 1;
        }
      }
    } else if (pointAt === -1 && (byte === point || (decimalComma && byte === comma))) {
      if (byte === comma && (digits === 0 || !isDigit(bytes[at + 1], at + 1 < end))) {
        return false;
      }
      pointAt = at;
    } else {
      break;
    }
  }
  if (digits === 0) {
    return false;
  }

  if (at < end) {
    if (((bytes[at] ?? 0) | 0x20) !== 0x65) {
      return false;
    }
    at += 1;
    const exponentSign = bytes[at];
    if (exponentSign === plus || exponentSign === minus) {
      at += 1;
    }
    if (at >= end) {
      return false;
    }
    let written = 0;
    for (; at < end; at += 1) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) {
        return false;
      }
      written = Math.min(written * 10 + digit, 9999);
    }
    exponent += exponentSign === minus ? -written : written;
  }

  if (!exact || exponent < -22 || exponent > 22) {
    result[0] = Number(String.fromCharCode(...bytes.subarray(start, end)).replace(',', '.'));
    return true;
  }
  const power = powersOfTen[Math.abs(exponent)] ?? Number.NaN;
  const magnitude = exponent < 0 ? mantissa / power : mantissa * power;
  result[0] = sign === minus ? -magnitude : magnitude;
  return true;
}

function isDigit(byte: number | undefined, inside: boolean): boolean {
  return inside && byte !== undefined && byte >= zero && byte <= zero + 9;
}
