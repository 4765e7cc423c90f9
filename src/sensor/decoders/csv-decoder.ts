import { LstmdError } from '../../base/errors.js';
import { spellingsOf } from './axis-key.js';
import { CommaReadings } from './csv-commas.js';
import { columnsFault, CsvLayout } from './csv-layout.js';
import { clockOf, unitMs, type CsvOptions } from './csv-options.js';
import {
  isProse,
  labelRejection,
  rejectionOf,
  type CsvReason,
  type CsvRejection,
} from './csv-rejection.js';
import type { Decoder, DeviceClock, Diagnosis, RowSink, Unit } from './decoder.js';
import { LineFramer } from './line-framer.js';
import { RowBuffer } from './row-buffer.js';
import { checkedEnd } from './text/checked-line.js';
import { CsvLine } from './text/csv-line.js';
import { LabelledLine } from './text/labelled-line.js';
import { diagnoseLines } from './text/line-diagnosis.js';
import { behindPrefix, behindTag } from './text/line-start.js';
import type { PlainRow } from './text/plain-row.js';

/** No sensor writes a longer line, and bytes without a newline must not fill the memory. */
const sensorLineBytes = 1024;

/** Lines by what became of them; `bytes` alone counts bytes. */
export type CsvCounters = Record<'bytes' | 'rows' | 'text' | 'partial' | CsvReason, number>;

/**
 * Reads lines of decimal numbers, as Arduino sketches and most loggers print
 * them, separated by `,` `;` TAB or spaces. A line without a number (a banner or
 * header) is text; a line that names all axes is a header wherever it comes, and
 * maps the fields by name. Numbers with their names beside them (`x:1,y:2`) are read by name, and the checksum
 * of a line as in NMEA (`$...*hh`) is held. The first line after an opening of the link may lack its
 * beginning: it may be a header, and is never a row. Any other line that is not exactly a row is lost and counted.
 */
export class CsvDecoder implements Decoder {
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock;
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
    badChecksum: 0,
  };

  readonly #layout: CsvLayout;
  /** Undefined where commas are known to separate fields; only columns leave it open. */
  readonly #commas: CommaReadings | undefined;
  readonly #line: CsvLine;
  /** Undefined where options say where the axes are: no names are read there. */
  readonly #makeLabelled: (() => LabelledLine) | undefined;
  /** Made at the first line that is no row of numbers: it takes much memory, and most sensors never need it. */
  #labelled: LabelledLine | undefined;
  /** True when the last row had names beside its numbers. */
  #isLabelled = false;
  readonly #prefix: Uint8Array;
  /** True when the options leave rows as most sensors write them; beside it, what reads the rows at hand if they are such. */
  readonly #hasPlainOptions: boolean;
  #plainRow: PlainRow | undefined;
  /** True when the last line was read by it as it stands: those after it are, too. */
  #isPlain = false;
  readonly #hasTime: boolean;
  readonly #timeMs: number;
  readonly #framer: LineFramer;
  readonly #rows: RowBuffer;
  #rejection: string | undefined;

  /** @throws LstmdError `config.invalid` when the columns do not fit the axes */
  constructor(options: CsvOptions) {
    const {
      axes,
      columns,
      decimal,
      separator,
      timeColumn,
      maxLineBytes = sensorLineBytes,
    } = options;
    const fault = columnsFault(options);
    if (fault !== undefined) {
      throw new LstmdError('config.invalid', `sensor.columns: ${fault}`);
    }
    this.axes = axes.length;
    this.units = axes.map(() => undefined);
    this.#layout = new CsvLayout(axes, columns, timeColumn);
    this.#hasTime = timeColumn !== undefined;
    this.#timeMs = unitMs[options.timeUnit ?? 'ms'];
    this.deviceClock = timeColumn === undefined ? {} : clockOf(options.timeUnit ?? 'ms');
    if (columns !== undefined && decimal !== 'point') {
      this.#commas = new CommaReadings(this.#layout.fields);
    }
    if (columns === undefined && timeColumn === undefined) {
      this.#makeLabelled = () => new LabelledLine(axes.map(spellingsOf), maxLineBytes);
    }
    this.#prefix = Buffer.from(options.prefix ?? '', 'latin1');
    this.#hasPlainOptions = separator === undefined && options.prefix === undefined;
    this.#line = new CsvLine(separator?.charCodeAt(0));
    this.#rows = new RowBuffer(axes.length);
    this.#framer = new LineFramer(maxLineBytes, this.#rows, this.counters, {
      line: (bytes, start, end) => this.#take(bytes, start, end),
      lines: (bytes, start) => this.#takeRun(bytes, start, maxLineBytes),
      cutLine: (bytes, start, end) => this.#takeCut(bytes, start, end),
      tooLong: () => {
        this.#lose({
          reason: 'tooLong',
          message: `a line of more than ${maxLineBytes} bytes: is it text at all?`,
        });
      },
    });
  }

  get expected(): string {
    return this.#layout.expected;
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
    return this.#layout.learnt;
  }

  get learntText(): string {
    return `a header row names the axes: rows are now read as ${this.expected}`;
  }

  restore(learnt: unknown): boolean {
    this.#plainRow = undefined;
    return this.#layout.restore(learnt, sensorLineBytes);
  }

  reset(): void {
    this.#framer.reset();
  }

  boundary(sink: RowSink): void {
    this.#framer.boundary(sink);
  }

  push(chunk: Uint8Array, sink: RowSink): void {
    this.#framer.push(chunk, sink);
  }

  #takeRun(bytes: Uint8Array, start: number, maxLineBytes: number): number {
    const plainRow = this.#plainRow;
    if (plainRow === undefined || !this.#isPlain) {
      return start;
    }
    const end = plainRow.readRun(bytes, start, maxLineBytes, this.#rows, this.#timeMs);
    if (end > start) {
      this.#isLabelled = false;
      this.counters.rows += plainRow.runRows;
    }
    return end;
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    this.#isPlain = this.#readPlain(bytes, start, end);
    if (!this.#isPlain) {
      this.#takeSlowly(bytes, start, end);
      this.#plainRow = this.#hasPlainOptions ? this.#layout.plainRow : undefined;
    }
  }

  /** Reads a row that is as most are; false, with nothing counted, for every other line. */
  #readPlain(bytes: Uint8Array, start: number, end: number): boolean {
    const plainRow = this.#plainRow;
    const { values, offset } = this.#rows;
    if (plainRow === undefined || !plainRow.read(bytes, start, end, values, offset)) {
      return false;
    }
    this.#isLabelled = false;
    if (this.#hasTime) {
      this.#rows.deviceTimeMs = plainRow.time * this.#timeMs;
    }
    this.#add();
    return true;
  }

  #takeSlowly(bytes: Uint8Array, start: number, end: number): void {
    const from = behindPrefix(bytes, start, end, this.#prefix);
    const to = from === -1 ? -1 : checkedEnd(bytes, from, end);
    if (from === -1) {
      this.counters.text += 1;
    } else if (to === -1) {
      this.#line.split(bytes, from, end);
      this.#lose({
        reason: 'badChecksum',
        message: `a line whose checksum is another than that of its characters: ${this.#line.toString()}`,
      });
    } else if (!this.#isLabelled || !this.#readLabelled(bytes, from, to)) {
      // Columns count the tag as field 0.
      const fieldsAt = this.#layout.isConfigured ? from : behindTag(bytes, from, to);
      if (fieldsAt === from || !this.#readPlain(bytes, fieldsAt, to)) {
        this.#takeFields(bytes, fieldsAt, to);
      }
    }
  }

  #takeFields(bytes: Uint8Array, start: number, end: number): void {
    const line = this.#line;
    line.split(bytes, start, end);
    this.#layout.judgeCutHeader(line);
    const isAmbiguous = this.#commas?.isAmbiguous(line) ?? false;
    if (this.#layout.fits(line.count) && !isAmbiguous && this.#readRow(line)) {
      this.#isLabelled = false;
    } else if (!this.#readLabelled(bytes, start, end)) {
      this.#takeOther(line, isAmbiguous);
    }
  }

  /** Reads numbers with their names beside them; false, with nothing counted, when an axis is missing. */
  #readLabelled(bytes: Uint8Array, start: number, end: number): boolean {
    const { values, offset } = this.#rows;
    this.#labelled ??= this.#makeLabelled?.();
    this.#isLabelled = this.#labelled?.read(bytes, start, end, values, offset) ?? false;
    if (this.#isLabelled) {
      this.#add();
    }
    return this.#isLabelled;
  }

  #add(): void {
    this.counters.rows += 1;
    this.#rows.add();
  }

  /** Takes the first line after an opening, which is a header or nothing. */
  #takeCut(bytes: Uint8Array, start: number, end: number): void {
    this.#line.split(bytes, start, end);
    this.counters[this.#layout.readCutHeader(this.#line) ? 'text' : 'partial'] += 1;
    this.#plainRow = undefined;
  }

  /** Reads a row; false, with nothing counted, when an axis has no number. */
  #readRow(line: CsvLine): boolean {
    const { values, offset } = this.#rows;
    const { columns, timeColumn } = this.#layout;
    for (let axis = 0; axis < this.axes; axis += 1) {
      const value = Math.fround(line.number(columns[axis] ?? 0));
      if (!Number.isFinite(value)) {
        return false;
      }
      values[offset + axis] = value;
    }
    if (timeColumn !== -1) {
      const time = line.number(timeColumn);
      if (!Number.isFinite(time)) {
        return false;
      }
      this.#rows.deviceTimeMs = time * this.#timeMs;
    }
    this.#add();
    return true;
  }

  /** A line that is no row: text, perhaps a header, or a row that is lost. */
  #takeOther(line: CsvLine, isAmbiguous: boolean): void {
    if (this.#layout.readLabel(line) && this.#readRow(line)) {
      return;
    }
    if (this.#layout.readHeader(line)) {
      this.counters.text += 1;
      return;
    }
    const { hasDecimalCommas } = line;
    // One pair may be a sentence with a number; two are a row.
    if (!hasDecimalCommas && (this.#labelled?.pairs ?? 0) > 1) {
      this.#lose(labelRejection(line, this.#layout.names));
      return;
    }
    if (!hasDecimalCommas && isProse(line)) {
      this.counters.text += 1;
      return;
    }
    this.#lose(rejectionOf(line, this.#layout, isAmbiguous));
  }

  #lose({ reason, message }: CsvRejection): void {
    this.counters[reason] += 1;
    this.#rejection = message;
    this.#rows.lose();
  }
}
