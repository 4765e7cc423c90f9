/** `000` to `999`. */
const groups = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
const small = Array.from({ length: 1000 }, (_, n) => String(n));

/**
 * The text that `String` gives. V8 keeps what that has made of the last thousands of numbers, and so takes it for long-lived: of
 * numbers that never come again, such as times, this leaves less to collect, and takes half as long.
 *
 * @param value a whole number
 */
export function integerText(value: number): string {
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
    return String(value);
  }
  let text = '';
  let rest = value;
  while (rest >= 1000) {
    const high = Math.floor(rest / 1000);
    text = (groups[rest - high * 1000] ?? '') + text;
    rest = high;
  }
  return (small[rest] ?? '') + text;
}

/**
 * The decimals of a number below 1: `0450` of 450 and 4.
 *
 * @param value a whole number of at most `count` digits
 * @param count how many digits there are, with zeros in front
 */
export function decimalsText(value: number, count: number): string {
  let text = '';
  let rest = value;
  let left = count;
  while (left >= 3) {
    const high = Math.floor(rest / 1000);
    text = (groups[rest - high * 1000] ?? '') + text;
    rest = high;
    left -= 3;
  }
  return left === 0 ? text : (small[rest] ?? '').padStart(left, '0') + text;
}
