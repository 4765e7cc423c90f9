import { LstmdError } from '../../base/errors.js';
import { CommaReadings } from './csv-commas.js';
import { columnsFault, CsvLayout } from './csv-layout.js';
import { isProse, rejectionOf, type CsvReason, type CsvRejection } from './csv-rejection.js';
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

/** Lines by what became of them; `bytes` alone counts bytes. */
export type CsvCounters = Record<'bytes' | 'rows' | 'text' | 'partial' | CsvReason, number>;

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

  readonly #layout: CsvLayout;
  /** Undefined where commas are known to separate fields; only columns leave it open. */
  readonly #commas: CommaReadings | undefined;
  readonly #line: CsvLine;
  readonly #lines: LineBuffer;
  readonly #rows: RowBuffer;
  #rejection: string | undefined;

  /** @throws LstmdError `config.invalid` when the columns do not fit the axes */
  constructor({ axes, columns, decimal, maxLineBytes = sensorLineBytes }: CsvOptions) {
    const fault = columnsFault({ axes, columns });
    if (fault !== undefined) {
      throw new LstmdError('config.invalid', `sensor.columns: ${fault}`);
    }
    this.axes = axes.length;
    this.units = axes.map(() => undefined);
    this.#layout = new CsvLayout(axes, columns);
    if (columns !== undefined && decimal !== 'point') {
      this.#commas = new CommaReadings(this.#layout.fields);
    }
    this.#rows = new RowBuffer(axes.length);
    this.#line = new CsvLine(maxLineBytes);
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
    return this.#layout.restore(learnt, sensorLineBytes);
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
    this.#layout.judgeCutHeader(line);
    const isAmbiguous = this.#commas?.isAmbiguous(line) ?? false;
    if (!this.#layout.fits(line.count) || isAmbiguous || !this.#readRow(line)) {
      this.#takeOther(line, isAmbiguous);
    }
  }

  /** Takes the first line after an opening, which is a header or nothing. */
  #takeCut(bytes: Uint8Array, start: number, end: number): void {
    this.#line.split(bytes, start, end);
    this.counters[this.#layout.readCutHeader(this.#line) ? 'text' : 'partial'] += 1;
  }

  /** Reads a row; false, with nothing counted, when an axis has no number. */
  #readRow(line: CsvLine): boolean {
    const { values, offset } = this.#rows;
    const { columns } = this.#layout;
    for (let axis = 0; axis < this.axes; axis += 1) {
      const value = Math.fround(line.number(columns[axis] ?? 0));
      if (!Number.isFinite(value)) {
        return false;
      }
      values[offset + axis] = value;
    }
    this.counters.rows += 1;
    this.#rows.add();
    return true;
  }

  /** A line that is no row: text, perhaps a header, or a row that is lost. */
  #takeOther(line: CsvLine, isAmbiguous: boolean): void {
    if (this.#layout.readHeader(line) || isProse(line)) {
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
