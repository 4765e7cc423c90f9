import { parseDecimal } from './decimal.js';
import { hasDecimalCommas } from './decimal-commas.js';
import { hex, isText } from './line-diagnosis.js';

const codes = {
  tab: 0x09,
  cr: 0x0d,
  space: 0x20,
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  zero: 0x30,
  nine: 0x39,
  semicolon: 0x3b,
};

/** Room for so many fields is made at the start; a line of more doubles it. */
const usualFields = 16;

/** The kinds of content of a field. */
export type FieldKind = 'number' | 'empty' | 'nonFinite' | 'malformed' | 'text';

/**
 * A line cut into fields; the object is reused from line to line. The
 * separator is `;` if the line holds one, else TAB, else `,`, else a run of
 * spaces. A decimal comma is read only where `;` or TAB separates.
 */
export class CsvLine {
  /** Fields of the line; one separator at the end begins no further field. */
  count = 0;
  #starts = new Int32Array(usualFields);
  #ends = new Int32Array(usualFields);
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #decimalComma = false;
  /** True when commas separate the fields. */
  isCommaSeparated = false;

  readonly #configuredSeparator: number | undefined;

  /** @param separator of the fields, where it is not found out line by line */
  constructor(separator?: number) {
    this.#configuredSeparator = separator;
  }

  /** Cuts the line in `bytes[start..end)`, which must stay as it is while this object is read. */
  split(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    let first = start;
    let last = end;
    while (first < last && isPadding(bytes[first])) {
      first += 1;
    }
    while (last > first && isPadding(bytes[last - 1])) {
      last -= 1;
    }
    this.#start = first;
    this.#end = last;
    this.count = 0;
    this.isCommaSeparated = false;
    if (first === last) {
      return;
    }

    const separator = this.#configuredSeparator ?? this.#separator();
    this.isCommaSeparated = separator === codes.comma;
    this.#decimalComma = separator !== codes.comma && separator !== codes.space;
    let from = first;
    for (let at = first; at < last; at += 1) {
      if (bytes[at] !== separator) {
        continue;
      }
      this.#add(from, at);
      if (separator === codes.space) {
        while (bytes[at + 1] === codes.space) {
          at += 1;
        }
      }
      from = at + 1;
    }
    if (from < last) {
      this.#add(from, last);
    }
  }

  /** The number in a field, exactly as `Number` reads it; NaN where `kind` is not `number`. */
  number(field: number): number {
    return parseDecimal(
      this.#bytes,
      this.#starts[field] ?? 0,
      this.#ends[field] ?? 0,
      this.#decimalComma,
    );
  }

  /** The kind of a field; makes strings, so it is for lines that are no row. */
  kind(field: number): FieldKind {
    const value = this.number(field);
    if (Number.isFinite(Math.fround(value))) {
      return 'number';
    }
    const text = this.text(field).toLowerCase();
    if (text === '') {
      return 'empty';
    }
    if (!Number.isNaN(value) || /^[+-]?(nan|inf|infinity)$/.test(text)) {
      return 'nonFinite';
    }
    // It begins as a number: a damaged one, or one in a notation that is not read (0x1F, 12:30).
    return /^[+-]?\.?[0-9]/.test(text) ? 'malformed' : 'text';
  }

  /** Returns whether every field is a number. */
  get isNumeric(): boolean {
    for (let field = 0; field < this.count; field += 1) {
      if (!Number.isFinite(this.number(field))) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a field is a number with a decimal point. */
  get hasDecimalPoint(): boolean {
    for (let field = 0; field < this.count; field += 1) {
      const end = this.#ends[field] ?? 0;
      const at = this.#bytes.indexOf(codes.point, this.#starts[field] ?? 0);
      if (at !== -1 && at < end && Number.isFinite(this.number(field))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether commas separate its fields and one of them could be a decimal comma as well: between two fields, with no
   * blank beside it, of which the second has nothing but digits.
   */
  get mayHaveDecimalCommas(): boolean {
    for (let field = 1; field < this.count; field += 1) {
      const isAdjacent = (this.#ends[field - 1] ?? 0) + 1 === this.#starts[field];
      if (isAdjacent && this.#isWhole(field - 1, true) && this.#isWhole(field, false)) {
        return this.isCommaSeparated;
      }
    }
    return false;
  }

  /** Returns whether its commas are decimal commas for sure, which is for lines that are no row. */
  get hasDecimalCommas(): boolean {
    return hasDecimalCommas(this.#decode(this.#start, this.#end));
  }

  #isWhole(field: number, isSignAllowed: boolean): boolean {
    const start = this.#starts[field] ?? 0;
    const end = this.#ends[field] ?? 0;
    const hasSign = this.#bytes[start] === codes.minus || this.#bytes[start] === codes.plus;
    const first = hasSign && isSignAllowed ? start + 1 : start;
    for (let at = first; at < end; at += 1) {
      const byte = this.#bytes[at] ?? 0;
      if (byte < codes.zero || byte > codes.nine) {
        return false;
      }
    }
    return end > first;
  }

  /** The text of a field, without the quotes around it. */
  text(field: number): string {
    return this.#decode(this.#starts[field] ?? 0, this.#ends[field] ?? 0).replace(/^"(.*)"$/, '$1');
  }

  /** Returns whether the line can be text; noise, a wrong baud rate and binary protocols give bytes that no text has. */
  get isText(): boolean {
    return isText(this.#bytes.subarray(this.#start, this.#end));
  }

  /** The first bytes of the line in hex, for a message about a line that is no text. */
  get hex(): string {
    return hex(this.#bytes.subarray(this.#start, this.#end));
  }

  /** The line for a message: at most 80 characters, with `?` for those that cannot be printed. */
  toString(): string {
    const shown = this.#decode(this.#start, Math.min(this.#end, this.#start + 80));
    return `"${shown.replaceAll(/[^\x20-\x7e\t]/g, '?')}"${this.#end - this.#start > 80 ? '...' : ''}`;
  }

  #separator(): number {
    let found = codes.space;
    for (let at = this.#start; at < this.#end; at += 1) {
      const byte = this.#bytes[at];
      if (byte === codes.semicolon) {
        return codes.semicolon;
      }
      if (byte === codes.tab) {
        found = codes.tab;
      } else if (byte === codes.comma && found === codes.space) {
        found = codes.comma;
      }
    }
    return found;
  }

  #add(start: number, end: number): void {
    let first = start;
    let last = end;
    while (first < last && isPadding(this.#bytes[first])) {
      first += 1;
    }
    while (last > first && isPadding(this.#bytes[last - 1])) {
      last -= 1;
    }
    if (this.count === this.#starts.length) {
      this.#starts = doubled(this.#starts);
      this.#ends = doubled(this.#ends);
    }
    this.#starts[this.count] = first;
    this.#ends[this.count] = last;
    this.count += 1;
  }

  #decode(start: number, end: number): string {
    return String.fromCharCode(...this.#bytes.subarray(start, end));
  }
}

/** True for blanks, the CR of CRLF, and NUL, which a UART sends on a break or at power-up. */
function isPadding(byte: number | undefined): boolean {
  return byte === codes.space || byte === codes.cr || byte === 0;
}

function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * numbers.length);
  longer.set(numbers);
  return longer;
}
