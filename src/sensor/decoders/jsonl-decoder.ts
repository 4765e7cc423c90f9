import { isObject } from '../../base/json.js';
import { clockOf, unitMs, type TimeUnit } from './csv-options.js';
import type { Decoder, DeviceClock, Diagnosis, RowSink, Unit } from './decoder.js';
import { findPaths } from './json-paths.js';
import { LineFramer } from './line-framer.js';
import { RowBuffer } from './row-buffer.js';
import { JsonScan, pathTree } from './text/json-scan.js';
import { LineShape } from './text/line-shape.js';
import { diagnoseLines } from './text/line-diagnosis.js';

const longestLine = 4096;
/** A damaged key is another path once, and not in so many lines that follow each other. */
const linesToLearn = 3;

export interface JsonLinesOptions {
  readonly axes: readonly string[];
  /** Path of each axis; by default they are found by the axes' names. */
  readonly paths?: readonly string[] | undefined;
  readonly timePath?: string | undefined;
  readonly timeUnit?: TimeUnit | undefined;
}

/** Lines by what became of them; `bytes` alone counts bytes. */
type JsonCounters = Record<
  | 'bytes'
  | 'rows'
  | 'text'
  | 'otherLines'
  | 'partial'
  | 'tooLong'
  | 'malformed'
  | 'missing'
  | 'nonFinite',
  number
>;

/** Reads lines that hold an object or an array each. Lines that begin with neither are text, such as a boot log. */
export class JsonLinesDecoder implements Decoder {
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock;
  readonly counters: JsonCounters = {
    bytes: 0,
    rows: 0,
    text: 0,
    otherLines: 0,
    partial: 0,
    tooLong: 0,
    malformed: 0,
    missing: 0,
    nonFinite: 0,
  };
  readonly #names: readonly string[];
  readonly #isConfigured: boolean;
  readonly #timePath: string | undefined;
  readonly #timeMs: number;
  readonly #framer: LineFramer;
  readonly #rows: RowBuffer;
  readonly #shape: LineShape;
  /** A number for each axis, and the time behind them: those of the shape. */
  readonly #found: Float64Array;
  #scan: JsonScan | undefined;
  #learnt: { readonly axes: readonly string[]; readonly paths: readonly string[] } | undefined;
  /** Lines that followed each other in which the axes were elsewhere, at these paths. */
  #otherLines = 0;
  #otherPaths = '';
  #rejection: string | undefined;

  constructor({ axes, paths, timePath, timeUnit }: JsonLinesOptions) {
    this.axes = axes.length;
    this.units = axes.map(() => undefined);
    this.#names = axes;
    this.#timePath = timePath;
    this.#timeMs = unitMs[timeUnit ?? 'ms'];
    this.deviceClock = timePath === undefined ? {} : clockOf(timeUnit ?? 'ms');
    this.#isConfigured = paths !== undefined;
    this.#shape = new LineShape(longestLine, axes.length + (timePath === undefined ? 0 : 1));
    this.#found = this.#shape.values;
    if (paths !== undefined) {
      this.#use(paths);
    }
    this.#rows = new RowBuffer(axes.length);
    this.#framer = new LineFramer(longestLine, this.#rows, this.counters, {
      line: (bytes, start, end) => this.#take(bytes, start, end),
      cutLine: () => {
        this.counters.partial += 1;
      },
      tooLong: () => this.#lose('tooLong', `a line of more than ${longestLine} bytes`),
    });
  }

  get expected(): string {
    return `a line of JSON with ${this.#names.join(', ')}`;
  }

  get rejection(): string | undefined {
    return this.#rejection;
  }

  get learnt(): object | undefined {
    return this.#learnt;
  }

  get learntText(): string {
    const paths = this.#learnt?.paths ?? [];
    const places = this.#names.map((name, axis) => `${name} at "${paths[axis]}"`);
    return `the axes are found by their names: ${places.join(', ')}`;
  }

  restore(learnt: unknown): boolean {
    if (this.#isConfigured || !isObject(learnt) || !Array.isArray(learnt['paths'])) {
      return false;
    }
    const paths: readonly unknown[] = learnt['paths'];
    const texts = paths.flatMap((path) => (typeof path === 'string' ? [path] : []));
    const isOurs =
      JSON.stringify(learnt['axes']) === JSON.stringify(this.#names) &&
      texts.length === this.axes &&
      paths.length === this.axes &&
      new Set(texts).size === this.axes;
    if (isOurs) {
      this.#learn(texts);
    }
    return isOurs;
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

  diagnose(bytes: Uint8Array): Diagnosis {
    const { shown, cause } = diagnoseLines(bytes);
    const isJson = /^"[[{]/.test(shown);
    return {
      shown,
      cause:
        (isJson ? this.#rejection : (cause ?? this.#rejection)) ??
        'no line is an object or an array: lines of numbers are read by sensor.decoder csv',
    };
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from < end && ((bytes[from] ?? 0) <= 0x20 || bytes[from] === 0x7f)) {
      from += 1;
    }
    if (from === end || (bytes[from] !== 0x7b && bytes[from] !== 0x5b)) {
      this.counters.text += 1;
      return;
    }
    if (this.#shape.read(bytes, from, end)) {
      this.#otherLines = 0;
      this.#addRow();
      return;
    }
    if (this.#scan === undefined && !this.#findAxes(bytes, from, end)) {
      return;
    }
    const due = this.#found.length;
    let found = this.#scan?.read(bytes, from, end, this.#found) ?? -1;
    if (found === due) {
      this.#otherLines = 0;
    } else if (found >= 0 && !this.#isConfigured && this.#findAxes(bytes, from, end)) {
      // The firmware has changed.
      found = this.#scan?.read(bytes, from, end, this.#found) ?? -1;
    }
    if (found < 0 || found > due) {
      this.#lose('malformed', `a line that is no JSON: ${textOf(bytes, from, end)}`);
    } else if (found === 0) {
      // A line of another kind, such as a status; a row that lost a reading has the others.
      this.counters.otherLines += 1;
      this.#rejection ??= `a line without ${this.#names.join(', ')}: ${textOf(bytes, from, end)}`;
    } else if (found < due) {
      this.#lose(
        'missing',
        `a line without ${this.#names.join(', ')}${this.#timePath === undefined ? '' : ` or ${this.#timePath}`}: ${textOf(bytes, from, end)}`,
      );
    } else {
      this.#add(bytes, from, end);
    }
  }

  #add(bytes: Uint8Array, from: number, end: number): void {
    const found = this.#found;
    for (let n = 0; n < found.length; n += 1) {
      const value = n < this.axes ? Math.fround(found[n] ?? Number.NaN) : found[n];
      if (!Number.isFinite(value)) {
        this.#lose('nonFinite', `a reading that is no number in ${textOf(bytes, from, end)}`);
        return;
      }
    }
    this.#shape.learn(bytes, from, end);
    this.#addRow();
  }

  /** Keeps the numbers that were found, which are finite, as a row. */
  #addRow(): void {
    const { values, offset } = this.#rows;
    const found = this.#found;
    const { axes } = this;
    for (let axis = 0; axis < axes; axis += 1) {
      values[offset + axis] = found[axis] ?? Number.NaN;
    }
    if (found.length > axes) {
      this.#rows.deviceTimeMs = (found[axes] ?? Number.NaN) * this.#timeMs;
    }
    this.counters.rows += 1;
    this.#rows.add();
  }

  /** Finds the axes in a line by their names; false, with the line counted, where they are not there. */
  #findAxes(bytes: Uint8Array, start: number, end: number): boolean {
    const text = Buffer.from(bytes.subarray(start, end)).toString('utf8').replaceAll('\0', '');
    const value = parsed(text);
    if (value === undefined) {
      if (this.#scan === undefined) {
        this.#lose('malformed', `a line that is no JSON: ${textOf(bytes, start, end)}`);
      }
      return false;
    }
    const paths = findPaths(value, this.#names);
    if (typeof paths === 'string') {
      if (this.#scan === undefined) {
        this.#lose('missing', `${paths}: ${textOf(bytes, start, end)}`);
      }
      return false;
    }
    const other = paths.join('\n');
    this.#otherLines = other === this.#otherPaths ? this.#otherLines + 1 : 1;
    this.#otherPaths = other;
    if (this.#scan !== undefined && this.#otherLines < linesToLearn) {
      return false;
    }
    this.#learn(paths);
    return true;
  }

  #learn(paths: readonly string[]): void {
    this.#use(paths);
    if (this.#learnt?.paths.join('\n') !== paths.join('\n')) {
      this.#learnt = { axes: this.#names, paths };
    }
  }

  #use(paths: readonly string[]): void {
    this.#scan = new JsonScan(
      pathTree(this.#timePath === undefined ? paths : [...paths, this.#timePath]),
      this.#shape,
    );
    // It was that of other paths.
    this.#shape.begin();
  }

  #lose(reason: keyof JsonCounters, message: string): void {
    this.counters[reason] += 1;
    this.#rejection = message;
    this.#rows.lose();
  }
}

/** A JSON value; undefined where a text is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The beginning of a line, for a message. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  const text = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 120)));
  return `${text.replaceAll(/[^\x20-\x7e]/g, '?')}${end - start > 120 ? ' ...' : ''}`;
}
