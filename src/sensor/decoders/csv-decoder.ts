import { LstmdError } from '../../base/errors.js';
import { isObject } from '../../base/json.js';
import type { Decoder, DeviceClock, Diagnosis, RowSink, Unit } from './decoder.js';
import { RowBuffer } from './row-buffer.js';
import { CsvLine } from './text/csv-line.js';
import { LineBuffer } from './text/line-buffer.js';
import { diagnoseLines } from './text/line-diagnosis.js';

/** No sensor writes a longer line, and bytes without a newline must not fill the memory. */
const sensorLineBytes = 1024;

export interface CsvOptions {
  /** Names of the axes, matched to a header row where there is one, whatever the case. */
  readonly axes: readonly string[];
  /** Index of each axis' field; without it a row holds the axes alone, or follows a header. */
  readonly columns?: readonly number[] | undefined;
  /** Bytes of the longest line; by default that of a sensor. */
  readonly maxLineBytes?: number;
  /** `point`: commas separate fields, whatever a row looks like. By default a row that can be read in two ways is lost. */
  readonly decimal?: 'auto' | 'point' | undefined;
}

/** Why columns do not fit the axes; undefined when they do. */
export function columnsFault({ axes, columns }: CsvOptions): string | undefined {
  if (columns === undefined) {
    return undefined;
  }
  if (columns.length !== axes.length) {
    return `must have one entry an axis: ${axes.length}, not ${columns.length}`;
  }
  return new Set(columns).size === columns.length
    ? undefined
    : `must name another field for each axis, not [${columns.join(', ')}]`;
}

/** Why a row was lost, by the name of its counter. */
type Rejection = 'fieldCount' | 'empty' | 'nonFinite' | 'notNumeric' | 'tooLong';

/** Lines by what became of them; `bytes` alone counts bytes. */
export type CsvCounters = Record<'bytes' | 'rows' | 'text' | 'partial' | Rejection, number>;

/** Where a row has the axes, and how many fields it has, or with configured columns at least has. */
interface Layout {
  readonly columns: Int32Array;
  readonly fields: number;
}

/** What a header row told, as it is kept over restarts. */
interface LearntHeader {
  readonly axes: readonly string[];
  readonly columns: readonly number[];
  readonly fields: number;
}

/**
 * Reads lines of decimal numbers, as Arduino sketches and most loggers print
 * them, separated by `,` `;` TAB or spaces. A line without a number (a banner or
 * header) is text; a line that names all axes is a header wherever it comes, and
 * maps the fields by name. The first line after an opening of the link may lack its
 * beginning: it may be a header, and is never a row. Any other line that is not exactly a row is lost and counted.
 */
export class CsvDecoder implements Decoder {
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock = {};
  readonly counters: CsvCounters = {
    bytes: 0,
    rows: 0,
    text: 0,
    partial: 0,
    tooLong: 0,
    fieldCount: 0,
    empty: 0,
    nonFinite: 0,
    notNumeric: 0,
  };

  readonly #names: readonly string[];
  readonly #configured: boolean;
  /** Index of each axis' field. */
  #columns: Int32Array;
  /** A row has so many fields, or with configured columns at least so many. */
  #fields: number;
  /** Whether commas are known to separate fields, and not to be decimal ones; only columns leave it open. */
  #areCommasKnown: boolean;
  /** A count of fields that leaves nothing to ask, so that no further row of it is looked at. */
  #plainCount = 0;
  readonly #line: CsvLine;
  readonly #lines: LineBuffer;
  readonly #rows: RowBuffer;
  /** The layout before a header that may have lost its first fields; until a row shows that it has not. */
  #layoutBefore: Layout | undefined;
  #learnt: LearntHeader | undefined;
  #rejection: string | undefined;

  /** @throws LstmdError `config.invalid` when the columns do not fit the axes */
  constructor({ axes, columns, decimal, maxLineBytes = sensorLineBytes }: CsvOptions) {
    this.axes = axes.length;
    this.units = axes.map(() => undefined);
    this.#names = axes.map((name) => name.toLowerCase());
    this.#configured = columns !== undefined;
    this.#areCommasKnown = columns === undefined || decimal === 'point';
    this.#columns = Int32Array.from(columns ?? axes.keys());
    const fault = columnsFault({ axes, columns });
    if (fault !== undefined) {
      throw new LstmdError('config.invalid', `sensor.columns: ${fault}`);
    }
    this.#fields = Math.max(...this.#columns) + 1;
    this.#rows = new RowBuffer(axes.length);
    this.#line = new CsvLine(maxLineBytes);
    this.#lines = new LineBuffer(maxLineBytes, {
      line: (bytes, start, end) => this.#take(bytes, start, end),
      cutLine: (bytes, start, end) => this.#takeCut(bytes, start, end),
      tooLong: () => {
        this.#reject('tooLong', `a line of more than ${maxLineBytes} bytes: is it text at all?`);
      },
      partial: () => {
        this.counters.partial += 1;
      },
    });
  }

  get expected(): string {
    const names = this.#names.join(', ');
    if (this.#configured) {
      return `a line of ${this.#fields} or more fields, in which sensor.columns finds ${names}`;
    }
    if (this.#learnt === undefined) {
      return `a line of ${this.axes} number${this.axes === 1 ? '' : 's'} (${names}) with commas, semicolons, tabs or spaces between`;
    }
    const places = this.#names.map((name, axis) => `${name} in field ${this.#columns[axis]}`);
    return `a line of ${this.#fields} fields with ${places.join(', ')}, counted from 0, as the header has them`;
  }

  diagnose(bytes: Uint8Array): Diagnosis {
    const { shown, cause } = diagnoseLines(bytes);
    return {
      shown,
      cause:
        cause ??
        this.#rejection ??
        'no line has just the numbers: have the sensor print them alone',
    };
  }

  get rejection(): string | undefined {
    return this.#rejection;
  }

  get learnt(): object | undefined {
    return this.#learnt;
  }

  restore(learnt: unknown): boolean {
    if (this.#configured || !isObject(learnt)) {
      return false;
    }
    const { axes, fields } = learnt;
    const columns: readonly unknown[] = Array.isArray(learnt['columns']) ? learnt['columns'] : [];
    const isOurs =
      JSON.stringify(axes) === JSON.stringify(this.#names) &&
      isBelow(fields, sensorLineBytes) &&
      columns.every((column) => isBelow(column, fields)) &&
      columnsFault({ axes: this.#names, columns }) === undefined;
    if (isOurs) {
      this.#columns = Int32Array.from(columns);
      this.#fields = fields;
      this.#learn();
    }
    return isOurs;
  }

  reset(): void {
    this.#lines.reset();
  }

  push(chunk: Uint8Array, sink: RowSink): void {
    this.counters.bytes += chunk.length;
    this.#rows.begin(sink);
    this.#lines.push(chunk);
    this.#rows.end();
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    const line = this.#line;
    line.split(bytes, start, end);
    if (this.#layoutBefore !== undefined) {
      this.#judgeCutHeader(line, this.#layoutBefore);
    }
    if (!this.#fits(line.count) || !this.#readRow(line)) {
      this.#takeOther(line);
    }
  }

  /** Takes the first line after an opening, which is a header or nothing. */
  #takeCut(bytes: Uint8Array, start: number, end: number): void {
    const layout: Layout = { columns: this.#columns, fields: this.#fields };
    this.#line.split(bytes, start, end);
    if (this.#readHeader(this.#line)) {
      this.counters.text += 1;
      this.#layoutBefore ??= layout;
    } else {
      this.counters.partial += 1;
    }
  }

  /** Drops a header that began within the line when rows have another number of fields than it. */
  #judgeCutHeader(line: CsvLine, before: Layout): void {
    if (line.count === 0 || line.kind(line.count - 1) === 'text') {
      return;
    }
    this.#layoutBefore = undefined;
    if (line.count === this.#fields) {
      this.#learn();
    } else {
      this.#columns = before.columns;
      this.#fields = before.fields;
    }
  }

  #fits(fields: number): boolean {
    return this.#configured ? fields >= this.#fields : fields === this.#fields;
  }

  /**
   * Whether a row of numbers with decimal commas, as "1,5,2,5,3,5", would be read as twice as many without. What is
   * no axis may come first and have no decimals, such as a time.
   */
  #isAmbiguous(line: CsvLine): boolean {
    return (
      this.#isInQuestion(line) &&
      this.#pairStarts(line).some((from) => line.mayHaveDecimalCommas(from))
    );
  }

  /** Whether the commas of a line are not known yet to be what they seem. */
  #isInQuestion(line: CsvLine): boolean {
    return !this.#areCommasKnown && line.isCommaSeparated && line.count !== this.#plainCount;
  }

  /** Learns that commas separate: from a row of numbers in which a sign or a point stands where decimals would be. */
  #learnCommas(line: CsvLine): void {
    if (this.#pairStarts(line).length === 0) {
      this.#plainCount = line.count;
      return;
    }
    const kinds = Array.from({ length: line.count }, (_, field) => line.kind(field));
    this.#areCommasKnown = kinds.every((kind) => kind === 'number');
  }

  /** The fields from which on a line may be pairs of fields and still hold every axis. */
  #pairStarts({ count }: CsvLine): number[] {
    const starts = Array.from({ length: Math.min(...this.#columns) + 1 }, (_, from) => from);
    return starts.filter((from) => {
      const pairs = (count - from) / 2;
      return Number.isInteger(pairs) && from + pairs >= this.#fields;
    });
  }

  /** Reads a row; false, with nothing counted, when an axis has no number or the row can be read in two ways. */
  #readRow(line: CsvLine): boolean {
    if (this.#isAmbiguous(line)) {
      return false;
    }
    const { values, offset } = this.#rows;
    for (let axis = 0; axis < this.axes; axis += 1) {
      const value = Math.fround(line.number(this.#columns[axis] ?? 0));
      if (!Number.isFinite(value)) {
        return false;
      }
      values[offset + axis] = value;
    }
    if (this.#isInQuestion(line)) {
      this.#learnCommas(line);
    }
    this.counters.rows += 1;
    this.#rows.add();
    return true;
  }

  /** A line that is no row: text, perhaps a header, or a row that is lost. */
  #takeOther(line: CsvLine): void {
    if (this.#readHeader(line)) {
      this.counters.text += 1;
      this.#layoutBefore = undefined;
      this.#learn();
      return;
    }
    const kinds = Array.from({ length: line.count }, (_, field) => line.kind(field));
    const isText = kinds.every((kind) => kind === 'text' || kind === 'empty');
    if (isText && (line.count === 0 || kinds.includes('text'))) {
      this.counters.text += 1;
      return;
    }
    if (!line.isText) {
      this.#reject(
        this.#fits(line.count) ? 'notNumeric' : 'fieldCount',
        `a line that is no text: ${line.hex}; there is noise on the line, or sensor.baudRate is not ` +
          `the rate at which the sensor sends, or it speaks a binary protocol`,
      );
      return;
    }
    if (!this.#fits(line.count)) {
      const expected = `${this.#fields}${this.#configured ? ' or more' : ''}`;
      this.#reject(
        'fieldCount',
        `a row of ${line.count} fields where ${expected} were expected: ${line.toString()}; ` +
          `if that is how the sensor writes, say in sensor.columns which field each axis is, ` +
          `counted from 0`,
      );
      return;
    }
    if (this.#isAmbiguous(line)) {
      this.#reject(
        'notNumeric',
        `a row whose commas may separate fields or be decimal commas: ${line.toString()}; have the sensor ` +
          `separate by ";", or say sensor.decimal: point where each comma separates`,
      );
      return;
    }
    const axis = this.#columns.findIndex((column) => kinds[column] !== 'number');
    const kind = kinds[this.#columns[axis] ?? 0];
    this.#reject(
      kind === 'empty' || kind === 'nonFinite' ? kind : 'notNumeric',
      `no number for axis ${this.#names[axis]} in ${line.toString()}`,
    );
  }

  /** Maps the fields by name when the line names every axis just once; false when it does not. */
  #readHeader(line: CsvLine): boolean {
    if (this.#configured || line.count < this.axes) {
      return false;
    }
    const names = Array.from({ length: line.count }, (_, field) => line.text(field).toLowerCase());
    // "Format: x y z" announces the fields in prose and is no header itself.
    if (names.some((name) => name.endsWith(':'))) {
      return false;
    }
    const columns = this.#names.map((name) => names.indexOf(name));
    const once = this.#names.every((name) => names.indexOf(name) === names.lastIndexOf(name));
    if (!once || columns.includes(-1)) {
      return false;
    }
    this.#columns = Int32Array.from(columns);
    this.#fields = line.count;
    return true;
  }

  /** Keeps what a header told, unless it is what is known already. */
  #learn(): void {
    const columns = [...this.#columns];
    const known = this.#learnt;
    if (known?.fields !== this.#fields || known.columns.join() !== columns.join()) {
      this.#learnt = { axes: this.#names, columns, fields: this.#fields };
    }
  }

  #reject(reason: Rejection, message: string): void {
    this.counters[reason] += 1;
    this.#rejection = message;
    this.#rows.lose();
  }
}

/** Whether a value is a whole number from 0 up to a limit that it is not. */
function isBelow(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit;
}
