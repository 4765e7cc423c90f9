/**
 * The shortest decimal, as JSON has numbers, that reads back as the same float32: fewer bytes
 * than the float64's 17 digits, and `Math.fround(JSON.parse(text))` has the identical bits.
 *
 * @param value finite, and a float32
 */
export function floatText(value: number): string {
  const magnitude = Math.abs(value);
  // Probabilities: k decimals are tried as integers, which costs no text. One float32 in this
  // range lies so close to at most one number of 6 decimals, so starting there loses nothing.
  if (magnitude < 1 && magnitude >= 1e-4) {
    for (let scale = 1e6; scale <= 1e13; scale *= 10) {
      const decimal = Math.round(value * scale) / scale;
      if (Math.fround(decimal) === value) {
        return String(decimal);
      }
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
