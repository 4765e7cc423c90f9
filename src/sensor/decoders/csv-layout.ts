import { isObject } from '../../base/json.js';
import { axisKey } from './axis-key.js';
import type { CsvLine } from './text/csv-line.js';
import { PlainRow, timeField, unreadField } from './text/plain-row.js';

/** Why columns do not fit the axes; undefined when they do. */
export function columnsFault({
  axes,
  columns,
}: {
  readonly axes: readonly string[];
  readonly columns?: readonly number[] | undefined;
}): string | undefined {
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

/** Holds what a header row told, as it is kept over restarts. */
interface LearntHeader {
  readonly axes: readonly string[];
  readonly columns: readonly number[];
  readonly fields: number;
  /** Field of the sensor's time; absent where there is none. */
  readonly time?: number;
}

/** The label before raw readings in the examples of i2cdevlib, and the names of the fields from it on. */
const i2cdevLabel = 'a/g:';
const i2cdevFields = [i2cdevLabel, 'ax', 'ay', 'az', 'gx', 'gy', 'gz'];

/** Knows where the rows have the axes: as configured, as a header row said, or just the axes in their order. */
export class CsvLayout {
  /** True when the configuration says it, whatever a header row has. */
  readonly isConfigured: boolean;
  /** Names of the axes in lower case. */
  readonly names: readonly string[];
  /** Index of each axis' field. */
  columns: Int32Array;
  /** A row has so many fields, or with configured columns at least so many. */
  fields: number;
  /** Index of the field of the sensor's time; -1 while there is none. */
  timeColumn: number;
  readonly #timeName: string | undefined;
  /** The layout before a header that may have lost its first fields; until a row shows that it has not. */
  #before:
    | { readonly columns: Int32Array; readonly fields: number; readonly timeColumn: number }
    | undefined;
  #learnt: LearntHeader | undefined;
  /** The reader of plain rows, and the columns that it was made for, which are another array once they change. */
  #plain: { readonly columns: Int32Array; readonly row: PlainRow } | undefined;

  /**
   * @param time the field of the sensor's time, counted from 0, or its name in a header row; without columns or header
   *   the axes are the other fields in their order
   */
  constructor(
    axes: readonly string[],
    columns: readonly number[] | undefined,
    time: number | string | undefined,
  ) {
    this.isConfigured = columns !== undefined;
    this.names = axes.map((name) => name.toLowerCase());
    this.#timeName = typeof time === 'string' ? time.toLowerCase() : undefined;
    this.timeColumn = typeof time === 'number' ? time : -1;
    const others = Array.from(axes, (_, n) =>
      this.timeColumn === -1 || n < this.timeColumn ? n : n + 1,
    );
    this.columns = Int32Array.from(columns ?? others);
    this.fields = Math.max(...this.columns, this.timeColumn) + 1;
  }

  /** Returns what a header told, as a JSON value; another object whenever that changes. */
  get learnt(): object | undefined {
    return this.#learnt;
  }

  /** A row in words. */
  get expected(): string {
    const names = this.names.join(', ');
    if (this.isConfigured) {
      return `a line of ${this.fields} or more fields, in which sensor.columns finds ${names}`;
    }
    if (this.#learnt === undefined) {
      const length = this.fields;
      const time = this.timeColumn === -1 ? '' : `, and the time in field ${this.timeColumn}`;
      return `a line of ${length} number${length === 1 ? '' : 's'} (${names}${time}) with commas, semicolons, tabs or spaces between`;
    }
    const places = this.names.map((name, axis) => `${name} in field ${this.columns[axis]}`);
    return `a line of ${this.fields} fields with ${places.join(', ')}, counted from 0, as the header has them`;
  }

  /** Reads rows of this layout that are as most are; undefined while a row may have more fields than it needs. */
  get plainRow(): PlainRow | undefined {
    if (this.isConfigured || this.#before !== undefined) {
      return undefined;
    }
    if (this.#plain?.columns !== this.columns) {
      const targets = new Int32Array(this.fields).fill(unreadField);
      for (const [axis, column] of this.columns.entries()) {
        targets[column] = axis;
      }
      if (this.timeColumn !== -1) {
        targets[this.timeColumn] = timeField;
      }
      this.#plain = { columns: this.columns, row: new PlainRow(targets) };
    }
    return this.#plain.row;
  }

  /** Returns whether a row may have so many fields. */
  fits(fields: number): boolean {
    return this.isConfigured ? fields >= this.fields : fields === this.fields;
  }

  /**
   * Goes on from a header that was read before a restart.
   *
   * @param maxFields the most that a line can have
   * @returns false, with nothing taken, when it is not one of these axes
   */
  restore(learnt: unknown, maxFields: number): boolean {
    if (this.isConfigured || !isObject(learnt)) {
      return false;
    }
    const { axes, fields, time = -1 } = learnt;
    const columns: readonly unknown[] = Array.isArray(learnt['columns']) ? learnt['columns'] : [];
    const isOurs =
      JSON.stringify(axes) === JSON.stringify(this.names) &&
      isBelow(fields, maxFields) &&
      columns.every((column) => isBelow(column, fields)) &&
      (time === -1 || isBelow(time, fields)) &&
      columnsFault({ axes: this.names, columns }) === undefined;
    if (isOurs) {
      this.columns = Int32Array.from(columns);
      this.fields = fields;
      this.timeColumn = time;
      this.#learn();
    }
    return isOurs;
  }

  /** Takes a line for a header when it names every axis just once; false when it does not. */
  readHeader(line: CsvLine): boolean {
    const isHeader = this.#map(line);
    if (isHeader) {
      this.#before = undefined;
      this.#learn();
    }
    return isHeader;
  }

  /** Takes the first line after an opening for a header, which may have lost its first fields. */
  readCutHeader(line: CsvLine): boolean {
    const { columns, fields, timeColumn } = this;
    const isHeader = this.#map(line);
    if (isHeader) {
      this.#before ??= { columns, fields, timeColumn };
    }
    return isHeader;
  }

  /** Looks at the line after a cut header, which is dropped when rows have another number of fields than it. */
  judgeCutHeader(line: CsvLine): void {
    const before = this.#before;
    if (before === undefined || line.count === 0 || line.kind(line.count - 1) === 'text') {
      return;
    }
    this.#before = undefined;
    if (line.count === this.fields) {
      this.#learn();
    } else {
      this.columns = before.columns;
      this.fields = before.fields;
      this.timeColumn = before.timeColumn;
    }
  }

  /** Takes the layout of i2cdevlib's examples from a row of them; false when it is none, or known already. */
  readLabel(line: CsvLine): boolean {
    return (
      !this.isConfigured &&
      line.count === i2cdevFields.length &&
      line.text(0).toLowerCase() === i2cdevLabel &&
      this.fields !== i2cdevFields.length &&
      this.#take(i2cdevFields)
    );
  }

  #map(line: CsvLine): boolean {
    if (this.isConfigured || line.count < this.names.length) {
      return false;
    }
    const names = Array.from({ length: line.count }, (_, field) => line.text(field).toLowerCase());
    // "Format: x y z" announces the fields in prose and is no header itself.
    if (names.some((name) => name.endsWith(':'))) {
      return false;
    }
    return this.#take(names);
  }

  /** Finds axes and time among the names of fields; false, with nothing taken, where one is not there just once. */
  #take(names: readonly string[]): boolean {
    const time = this.#timeName === undefined ? -1 : names.indexOf(this.#timeName);
    const columns =
      placesOf(this.names, names) ?? placesOf(this.names.map(axisKey), names.map(axisKey));
    if (columns === undefined || (this.#timeName !== undefined && time === -1)) {
      return false;
    }
    this.columns = Int32Array.from(columns);
    this.fields = names.length;
    if (this.#timeName !== undefined) {
      this.timeColumn = time;
    }
    return true;
  }

  /** Keeps what a header told, unless it is what is known already. */
  #learn(): void {
    const columns = [...this.columns];
    const known = this.#learnt;
    if (known?.fields !== this.fields || known.columns.join() !== columns.join()) {
      const time = this.#timeName === undefined ? {} : { time: this.timeColumn };
      this.#learnt = { axes: this.names, columns, fields: this.fields, ...time };
    }
  }
}

/** Returns where each name stands; undefined unless each stands there just once. */
function placesOf(wanted: readonly string[], names: readonly string[]): number[] | undefined {
  const places = wanted.map((name) => names.indexOf(name));
  const once = wanted.every((name) => names.indexOf(name) === names.lastIndexOf(name));
  const isEachOther = new Set(places).size === places.length;
  return once && isEachOther && !places.includes(-1) ? places : undefined;
}

/** Returns whether a value is a whole number from 0 up to a limit that it is not. */
function isBelow(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit;
}
