import { LstmdError } from '../../base/errors.js';
import { spellingsOf } from './axis-key.js';
import { CommaReadings } from './csv-commas.js';
import { columnsFault, CsvLayout } from './csv-layout.js';
import {
  isProse,
  labelRejection,
  rejectionOf,
  type CsvReason,
  type CsvRejection,
} from './csv-rejection.js';
import type { Decoder, DeviceClock, Diagnosis, RowSink, Unit } from './decoder.js';
import { RowBuffer } from './row-buffer.js';
import { checkedEnd } from './text/checked-line.js';
import { CsvLine } from './text/csv-line.js';
import { LabelledLine } from './text/labelled-line.js';
import { LineBuffer } from './text/line-buffer.js';
import { diagnoseLines } from './text/line-diagnosis.js';
import { readPlainRow } from './text/plain-row.js';

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
  /** The character between fields, where it is not to be found out line by line. */
  readonly separator?: string | undefined;
  /** Rows begin with this, which is cut off; other lines are text. */
  readonly prefix?: string | undefined;
  /** Field of the sensor's own time, from 0, or its name in the header row. */
  readonly timeColumn?: number | string | undefined;
  /** Unit of that time; default ms. */
  readonly timeUnit?: TimeUnit | undefined;
}

/** Units of a sensor's own time, in milliseconds. */
const unitMs = { s: 1000, ms: 1, us: 0.001, ns: 0.000_001 } as const;
export type TimeUnit = keyof typeof unitMs;

const dollar = 0x24;
const blank = 0x20;

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
  /** Undefined where columns say where the axes are. */
  readonly #labelled: LabelledLine | undefined;
  /** Whether the last row had names beside its numbers. */
  #isLabelled = false;
  readonly #prefix: Uint8Array;
  /** Whether the options leave rows as most sensors write them, and whether the rows at hand are such. */
  readonly #hasPlainOptions: boolean;
  #isPlain = false;
  readonly #timeMs: number;
  readonly #lines: LineBuffer;
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
    this.#timeMs = unitMs[options.timeUnit ?? 'ms'];
    // Sensors count milliseconds and microseconds in 32 bits.
    this.deviceClock = timeColumn === undefined ? {} : { time: { wrapMs: this.#timeMs * 2 ** 32 } };
    if (columns !== undefined && decimal !== 'point') {
      this.#commas = new CommaReadings(this.#layout.fields);
    }
    if (columns === undefined && timeColumn === undefined) {
      this.#labelled = new LabelledLine(axes.map(spellingsOf));
    }
    this.#prefix = Buffer.from(options.prefix ?? '', 'latin1');
    this.#hasPlainOptions = separator === undefined && options.prefix === undefined;
    this.#line = new CsvLine(maxLineBytes, separator?.charCodeAt(0));
    this.#rows = new RowBuffer(axes.length);
    this.#lines = new LineBuffer(maxLineBytes, {
      line: (bytes, start, end) => this.#take(bytes, start, end),
      cutLine: (bytes, start, end) => this.#takeCut(bytes, start, end),
      tooLong: () => {
        this.#lose({
          reason: 'tooLong',
          message: `a line of more than ${maxLineBytes} bytes: is it text at all?`,
        });
      },
      partial: () => {
        this.counters.partial += 1;
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

  restore(learnt: unknown): boolean {
    this.#isPlain = false;
    return this.#layout.restore(learnt, sensorLineBytes);
  }

  reset(): void {
    this.#lines.reset();
  }

  boundary(sink: RowSink): void {
    this.#rows.begin(sink);
    this.#lines.end();
    this.#rows.end();
  }

  push(chunk: Uint8Array, sink: RowSink): void {
    this.counters.bytes += chunk.length;
    this.#rows.begin(sink);
    this.#lines.push(chunk);
    this.#rows.end();
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    const { values, offset } = this.#rows;
    if (this.#isPlain && readPlainRow(bytes, start, end, values, offset, this.axes)) {
      this.#isLabelled = false;
      this.#add();
      return;
    }
    this.#takeSlowly(bytes, start, end);
    this.#isPlain = this.#hasPlainOptions && this.#layout.isPlain;
  }

  #takeSlowly(bytes: Uint8Array, start: number, end: number): void {
    const from = this.#begin(bytes, start, end);
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
      this.#takeFields(bytes, this.#behindTag(bytes, from, to), to);
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

  /** Where a row begins behind the prefix; -1 where a line does not have it. */
  #begin(bytes: Uint8Array, start: number, end: number): number {
    let from = start;
    while (from < end && (bytes[from] === blank || bytes[from] === 0)) {
      from += 1;
    }
    const prefix = this.#prefix;
    if (prefix.length === 0) {
      return from;
    }
    for (let n = 0; n < prefix.length; n += 1) {
      if (from + n >= end || bytes[from + n] !== prefix[n]) {
        return -1;
      }
    }
    return from + prefix.length;
  }

  /** Where the fields begin behind the tag of a line as in NMEA; columns count the tag as field 0. */
  #behindTag(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] !== dollar || this.#layout.isConfigured) {
      return start;
    }
    const comma = bytes.indexOf(0x2c, start);
    return comma === -1 || comma >= end ? start : comma + 1;
  }

  /** Reads numbers with their names beside them; false, with nothing counted, when an axis is missing. */
  #readLabelled(bytes: Uint8Array, start: number, end: number): boolean {
    const { values, offset } = this.#rows;
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
    this.#isPlain = false;
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
    // One pair may be a sentence with a number; two are a row.
    if ((this.#labelled?.pairs ?? 0) > 1) {
      this.#lose(labelRejection(line, this.#layout.names));
      return;
    }
    if (isProse(line)) {
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
