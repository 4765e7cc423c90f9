import { integerText } from './integer-text.js';

/**
 * The shortest decimal, in the syntax of JSON, that reads back as the same float32: it has fewer
 * digits than the 17 of a float64, and `Math.fround(JSON.parse(text))` has the identical bits.
 *
 * @param value finite, and a float32
 */
export function floatText(value: number): string {
  const magnitude = Math.abs(value);
  // Most outputs are probabilities. For them, decimals are tried as integers over a power of ten,
  // which makes no string for each try. At most one number of 6 decimals rounds to a given
  // float32 of this range, so that starting with 6 does not miss a shorter one.
  if (magnitude < 1 && magnitude >= 1e-4) {
    let digits = 6;
    for (let scale = 1e6; scale <= 1e13; scale *= 10) {
      const scaled = Math.round(magnitude * scale);
      if (Math.fround(scaled / scale) === magnitude) {
        return `${value < 0 ? '-0.' : '0.'}${withoutZeros(scaled, digits)}`;
      }
      digits += 1;
    }
  }
  if (value === 0) {
    return Object.is(value, -0) ? '-0' : '0';
  }
  for (let digits = 6; digits < 9; digits += 1) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) {
      return String(decimal);
    }
  }
  // Nine significant digits tell any two float32 apart (IEEE 754, 5.12.2).
  return String(Number(value.toPrecision(9)));
}

/** The decimals without the zeros behind them: of 50000 and 6 digits `05`. */
function withoutZeros(scaled: number, digits: number): string {
  let left = scaled;
  let count = digits;
  while (left % 10 === 0) {
    left /= 10;
    count -= 1;
  }
  return integerText(left).padStart(count, '0');
}
