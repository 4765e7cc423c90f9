import { LstmdError } from '../base/errors.js';
import { CsvDecoder } from '../sensor/decoders/csv-decoder.js';
import { columnsFault } from '../sensor/decoders/csv-layout.js';
import { decimalCommaFault } from '../sensor/decoders/csv-rejection.js';
import { CsvLine } from '../sensor/decoders/text/csv-line.js';
import type { RowFields, RowTarget } from './row-fields.js';

/** A file, unlike a sensor, may have a hundred columns beside those that are read. */
const maxLineBytes = 2 ** 18;

/** Reads one CSV line at a time into a row. */
export class CsvRow {
  readonly #row: RowTarget;
  readonly #fields: RowFields;
  readonly #line = new CsvLine();
  /** Made at the first line where only that line tells which fields are the features. */
  #decoder: CsvDecoder | undefined;
  /** Index of each field that is read as text; undefined before the header that has their names. */
  #textColumns: readonly number[] | undefined;
  /** The line that is read, with its end. */
  #bytes: Uint8Array = new Uint8Array(0);
  #isFirst = true;
  #fault: string | undefined;

  /** @throws LstmdError `usage.invalid` where fields do not fit the model */
  constructor(row: RowTarget, fields: RowFields) {
    const { axes, columns, decimal, texts = [] } = fields;
    const features = row.values.length;
    this.#row = row;
    this.#fields = fields;
    if (axes !== undefined && axes.length !== features) {
      throw new LstmdError(
        'usage.invalid',
        `--axes: ${axes.length} names for a model of ${features} features`,
      );
    }
    const fault = columnsFault({ axes: this.#names(), columns });
    if (fault !== undefined) {
      throw new LstmdError('usage.invalid', `--columns: ${fault}`);
    }
    if (texts.length === 0 || columns !== undefined) {
      this.#decoder = new CsvDecoder({ axes: this.#names(), columns, decimal, maxLineBytes });
    }
    const numbers = texts.filter((field) => typeof field === 'number');
    this.#textColumns = numbers.length === texts.length ? numbers : undefined;
  }

  /** The fault of a line: `text` for one without a number; undefined where there is none. */
  read(line: string): string | undefined {
    const bytes = Buffer.from(`${line}\n`, 'utf8');
    this.#bytes = bytes;
    const { texts = [] } = this.#fields;
    if (texts.length > 0) {
      this.#line.split(bytes, 0, bytes.length - 1);
      const fault = this.#isFirst ? this.#readFirst() : undefined;
      this.#isFirst = false;
      if (fault !== undefined) {
        return fault;
      }
    }
    const fault = this.#readValues(bytes);
    return fault ?? this.#readTexts(line);
  }

  #readValues(bytes: Uint8Array): string | undefined {
    const decoder = this.#decoder;
    if (decoder === undefined) {
      return 'text';
    }
    const { counters } = decoder;
    const textBefore = counters.text;
    this.#fault = undefined;
    decoder.push(bytes, this.#sink);
    return counters.text > textBefore ? 'text' : this.#fault;
  }

  /** Finds from the first line where the texts are, and with them the features where nothing else tells. */
  #readFirst(): string | undefined {
    const { texts = [] } = this.#fields;
    const line = this.#line;
    const fields = Array.from({ length: line.count }, (_, field) => line.text(field));
    const isHeader = fields.every((_, field) => line.kind(field) !== 'number');
    const names = fields.map((text) => decoded(text).toLowerCase());
    const columns: number[] = [];
    for (const field of texts) {
      const column = typeof field === 'number' ? field : names.indexOf(field.toLowerCase());
      const isMissing = typeof field === 'string' && (!isHeader || column < 0);
      if (isMissing || (isHeader && column >= line.count)) {
        return isHeader
          ? `no column ${JSON.stringify(field)} in the header: ${names.join(', ')}`
          : `no column ${JSON.stringify(field)}: the file has no header, so give its number, from 0 to ${line.count - 1}`;
      }
      columns.push(column);
    }
    this.#textColumns = columns;
    this.#decoder ??= this.#decoderFor(names, isHeader, columns);
    return this.#decoder === undefined ? this.#restFault(names, isHeader, columns) : undefined;
  }

  /**
   * Reads the features by their names where the header has these, else from all fields beside the texts.
   *
   * @param names the fields of the first line
   * @returns undefined where the features are not to be found
   */
  #decoderFor(
    names: readonly string[],
    isHeader: boolean,
    textColumns: readonly number[],
  ): CsvDecoder | undefined {
    const { axes, decimal } = this.#fields;
    const isByName = isHeader && axes !== undefined;
    const columns = isByName ? columnsByName(axes, names) : restOf(names, textColumns);
    return columns?.length === this.#row.values.length
      ? new CsvDecoder({
          axes: this.#names(),
          columns,
          maxLineBytes,
          // A header has shown that commas separate, and so has a line of which each field is asked for.
          decimal: (isHeader || !isByName) && this.#line.isCommaSeparated ? 'point' : decimal,
        })
      : undefined;
  }

  #restFault(names: readonly string[], isHeader: boolean, textColumns: readonly number[]): string {
    const { axes } = this.#fields;
    if (isHeader && axes !== undefined) {
      return `the header has not each of ${axes.join(', ')} once: ${names.join(', ')}; name the features with --axes or --columns`;
    }
    const rest = restOf(names, textColumns);
    const named = isHeader ? ` (${rest.map((field) => names[field]).join(', ')})` : '';
    return `${rest.length} fields${named} beside the label, and the model takes ${this.#row.values.length}: name them with --axes or --columns`;
  }

  #readTexts(line: string): string | undefined {
    const { count } = this.#line;
    for (const [n, column] of (this.#textColumns ?? []).entries()) {
      // After the last separator there is a field, which may be empty.
      const isEmptyEnd = column === count && /[,;\t]\s*$/.test(line);
      if (column >= count && !isEmptyEnd) {
        return `${count} fields, and none is number ${column}, counted from 0`;
      }
      this.#row.texts[n] = isEmptyEnd ? '' : decoded(this.#line.text(column));
    }
    return undefined;
  }

  #names(): readonly string[] {
    return this.#fields.axes ?? Array.from(this.#row.values, (_, n) => `value ${n + 1}`);
  }

  readonly #sink = {
    rows: (values: Float32Array) =>
      this.#row.values.set(values.subarray(0, this.#row.values.length)),
    lost: () => {
      const { length } = this.#row.values;
      this.#line.split(this.#bytes, 0, this.#bytes.length - 1);
      this.#fault =
        (this.#decoder?.counters.fieldCount ?? 0) > 0
          ? (decimalCommaFault(this.#line, length) ??
            `not ${length} values, as the model takes; name their fields with --columns, or the names in the header with --axes`)
          : this.#decoder?.rejection;
    },
  };
}

/** Returns where each axis stands in a header, whatever the case; undefined where one does not, or stands there twice. */
function columnsByName(
  axes: readonly string[],
  names: readonly string[],
): readonly number[] | undefined {
  const lower = axes.map((axis) => axis.toLowerCase());
  const columns = lower.map((axis) => names.indexOf(axis));
  const isOnce = lower.every((axis) => names.indexOf(axis) === names.lastIndexOf(axis));
  return isOnce && !columns.includes(-1) ? columns : undefined;
}

/** The fields that are no text. */
function restOf(names: readonly string[], textColumns: readonly number[]): number[] {
  return [...names.keys()].filter((field) => !textColumns.includes(field));
}

/** A line's text has a character for each byte, of which UTF-8 makes one character or more. */
function decoded(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
