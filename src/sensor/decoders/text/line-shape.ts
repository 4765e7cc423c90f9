const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Further digits may pass 2^53, beyond which float64 is not exact. */
const mostDigits = 15;
const powersOfTen = Float64Array.from({ length: mostDigits + 1 }, (_, n) => 10 ** n);
const mostPlaces = 48;

/** Holds what stands in a place whose value nobody wants: a number, any scalar of JSON, or a string of JSON. */
export const passedNumber = -1;
export const passedScalar = -2;
export const passedString = -3;

/**
 * How the last good line was written: the text that stood around its values. A line with the same text is read in one
 * pass where its numbers are plain; every other is left to those who read lines word by word.
 */
export class LineShape {
  /** The numbers of the last line that was read, by their targets. */
  readonly values: Float64Array;
  /** The texts before each value and behind the last, one after the other, and where each of them ends. */
  readonly #texts: Uint8Array;
  readonly #textEnds = new Int32Array(mostPlaces + 1);
  readonly #targets = new Int32Array(mostPlaces);
  readonly #starts = new Int32Array(mostPlaces);
  readonly #ends = new Int32Array(mostPlaces);
  #marked = 0;
  /** Places of the line that was learnt; -1 while there is none. */
  #places = -1;

  /** @param values how many numbers are wanted */
  constructor(maxLineBytes: number, values: number) {
    this.values = new Float64Array(values);
    this.#texts = new Uint8Array(maxLineBytes);
  }

  /** Begins a line that is read word by word; what was learnt is forgotten. */
  begin(): void {
    this.#marked = 0;
    this.#places = -1;
  }

  /** Takes that the line at hand has a value at `start..end`, whose number is wanted as `target`, or one of the above. */
  mark(start: number, end: number, target: number): void {
    if (this.#marked < mostPlaces) {
      this.#starts[this.#marked] = start;
      this.#ends[this.#marked] = end;
      this.#targets[this.#marked] = target;
    }
    this.#marked += 1;
  }

  /** Takes that the line at hand was good, and that all of its values were marked, in their order. */
  learn(bytes: Uint8Array, start: number, end: number): void {
    if (this.#marked > mostPlaces || end - start > this.#texts.length) {
      return;
    }
    let length = 0;
    let from = start;
    for (let place = 0; place <= this.#marked; place += 1) {
      let to = place === this.#marked ? end : (this.#starts[place] ?? end);
      const next = place === this.#marked ? end : (this.#ends[place] ?? end);
      // Numbers are often written right-aligned.
      while (place < this.#marked && to > from && isBlank(bytes[to - 1] ?? 0)) {
        to -= 1;
      }
      for (; from < to; from += 1) {
        this.#texts[length] = bytes[from] ?? 0;
        length += 1;
      }
      this.#textEnds[place] = length;
      from = next;
    }
    this.#places = this.#marked;
  }

  /** Reads a line into `values`, which hold what they will where the result is false. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const places = this.#places;
    const texts = this.#texts;
    let at = start;
    let textAt = 0;
    for (let place = 0; place <= places; place += 1) {
      const textEnd = this.#textEnds[place] ?? 0;
      if (at + textEnd - textAt > end) {
        return false;
      }
      for (; textAt < textEnd; textAt += 1) {
        if (bytes[at] !== texts[textAt]) {
          return false;
        }
        at += 1;
      }
      if (place === places) {
        return at === end;
      }
      while (at < end && isBlank(bytes[at] ?? 0)) {
        at += 1;
      }
      const target = this.#targets[place] ?? passedScalar;
      if (target < passedNumber) {
        at = target === passedString ? stringEnd(bytes, at, end) : scalarEnd(bytes, at, end);
        if (at === -1) {
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
      if (target !== passedNumber) {
        const magnitude = decimals > 0 ? mantissa / (powersOfTen[decimals] ?? 1) : mantissa;
        this.values[target] = isNegative ? -magnitude : magnitude;
      }
    }
    return false;
  }
}

/** Returns where a scalar of JSON ends that begins at `at` and is no string; -1 where there is none. */
function scalarEnd(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start];
  if (first === quote || first === openBrace || first === openBracket) {
    return -1;
  }
  let at = start;
  while (at < end && !isEndOfScalar(bytes[at] ?? 0)) {
    at += 1;
  }
  return at === start ? -1 : at;
}

/** Returns where a string of JSON ends that begins at `at`; -1 where there is none. */
function stringEnd(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== quote) {
    return -1;
  }
  for (let at = start + 1; at < end; at += 1) {
    if (bytes[at] === backslash) {
      at += 1;
    } else if (bytes[at] === quote) {
      return at + 1;
    }
  }
  return -1;
}

/** Returns whether a byte is a blank between the words of a line; NUL is what a UART sends on a break. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0;
}

/** Returns whether a scalar of JSON ends before a byte. */
export function isEndOfScalar(byte: number): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || isBlank(byte);
}
