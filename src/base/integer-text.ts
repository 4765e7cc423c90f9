/** `000` to `999`. */
const groups = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
/** `0` to `999`. */
const small = Array.from({ length: 1000 }, (_, n) => String(n));

/**
 * The text that `String` gives, of whole numbers from 0 on in half the time. V8 keeps the texts that `String` made of the last
 * thousands of numbers, and so takes them for long-lived; of numbers that never come again, such as times, that is memory which
 * only a collection of old objects frees. This function makes texts that nobody keeps.
 */
export function integerText(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    return String(value);
  }
  let text = '';
  let rest = value;
  while (rest >= 1000) {
    // Exact: below 2^53 no quotient is so near to the next whole number that it is rounded to that.
    const high = Math.floor(rest / 1000);
    text = (groups[rest - high * 1000] ?? '') + text;
    rest = high;
  }
  return (small[rest] ?? '') + text;
}
