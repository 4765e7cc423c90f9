import { floatText } from '../base/float-text.js';
import { isObject, type JsonObject } from '../base/json.js';

/** The first line of a recording: what was recorded, and how its bytes are read. */
export interface RecordingHeader {
  /** The version of lstmd that wrote it. */
  readonly version: string;
  /** When it began, epoch milliseconds by the system's clock. */
  readonly startedMs: number;
  /** The name of the stream in the configuration. */
  readonly stream: string;
  /** The names of the axes, in the order of a sample's readings. */
  readonly axes: readonly string[];
  /** The `sensor` section of the configuration: the link, the decoder and its options. */
  readonly sensor: JsonObject;
}

/** Readings as the decoder gave them, before any conditioning. */
export interface RecordedSamples {
  readonly kind: 'samples';
  readonly count: number;
  /** When each was acquired, epoch milliseconds; may be longer than `count`. */
  readonly timeMs: Float64Array;
  /** `count x axes`, row-major; may be longer than that. */
  readonly values: Float32Array;
}

/** Holds what a recording holds after its header, in the order in which it happened. `atMs` is monotonic. */
export type RecordingEntry =
  | { readonly kind: 'opened'; readonly atMs: number; readonly path: string }
  | {
      readonly kind: 'bytes';
      /** When they arrived. */
      readonly atMs: number;
      /** The system's clock at that moment. */
      readonly epochMs: number;
      readonly bytes: Uint8Array;
    }
  /** The sensor was asked; only with one that speaks only when it is. */
  | { readonly kind: 'asked'; readonly atMs: number }
  /** The answer that was waited for was given up, and its row was lost. */
  | { readonly kind: 'gaveUp'; readonly atMs: number; readonly epochMs: number }
  | RecordedSamples
  | { readonly kind: 'gap'; readonly lengthMs: number; readonly reason: string }
  /** From here on samples have this label; null is none. */
  | { readonly kind: 'label'; readonly atMs: number; readonly label: string | null }
  | { readonly kind: 'closed'; readonly atMs: number; readonly reason: string }
  /** The recording was ended, and not cut by a kill. */
  | { readonly kind: 'end'; readonly atMs: number };

/** The `format` of a header; a reader refuses a higher one. */
export const recordingFormat = 1;

/** Text that JSON holds as it is; other bytes are in base64. */
const plainText = /^[\t\n\r\x20-\x7e]*$/;

export function headerLine(header: RecordingHeader): string {
  return JSON.stringify({ lstmd: 'recording', format: recordingFormat, ...header });
}

/** One entry as a line of JSON; docs/formats/recording.md has every form. */
export function entryLine(entry: RecordingEntry, axes: number): string {
  switch (entry.kind) {
    case 'opened': {
      return JSON.stringify({ opened: entry.path, atMs: entry.atMs });
    }
    case 'bytes': {
      const { bytes, atMs, epochMs } = entry;
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const text = buffer.toString('latin1');
      return JSON.stringify(
        plainText.test(text)
          ? { text, atMs, epochMs }
          : { bytes: buffer.toString('base64'), atMs, epochMs },
      );
    }
    case 'asked': {
      return JSON.stringify({ asked: true, atMs: entry.atMs });
    }
    case 'gaveUp': {
      return JSON.stringify({ gaveUp: true, atMs: entry.atMs, epochMs: entry.epochMs });
    }
    case 'samples': {
      return `{"samples":[${sampleTexts(entry, axes).join(',')}]}`;
    }
    case 'gap': {
      return JSON.stringify({ gap: entry.reason, lengthMs: entry.lengthMs });
    }
    case 'label': {
      return JSON.stringify({ label: entry.label, atMs: entry.atMs });
    }
    case 'closed': {
      return JSON.stringify({ closed: entry.reason, atMs: entry.atMs });
    }
    case 'end': {
      return JSON.stringify({ end: true, atMs: entry.atMs });
    }
  }
}

function sampleTexts({ count, timeMs, values }: RecordedSamples, axes: number): string[] {
  const texts: string[] = [];
  for (let n = 0; n < count; n += 1) {
    let text = `[${timeMs[n] ?? 0}`;
    for (let axis = 0; axis < axes; axis += 1) {
      text += `,${floatText(values[n * axes + axis] ?? 0)}`;
    }
    texts.push(`${text}]`);
  }
  return texts;
}

/** Reads the first line; a text says what is wrong with it. */
export function parseHeader(line: string): RecordingHeader | string {
  const value = parseObject(line);
  if (value?.['lstmd'] !== 'recording') {
    return 'no recording of lstmd: its first line is no header';
  }
  const { format, version, startedMs, stream, axes, sensor } = value;
  if (format !== recordingFormat) {
    return `its format is ${JSON.stringify(format)}, and this version reads ${recordingFormat}: take a newer lstmd`;
  }
  const isGood =
    typeof version === 'string' &&
    typeof stream === 'string' &&
    isNumber(startedMs) &&
    Array.isArray(axes) &&
    axes.length > 0 &&
    axes.every((axis): axis is string => typeof axis === 'string') &&
    isObject(sensor);
  return isGood
    ? { version, startedMs, stream, axes, sensor }
    : 'its header lacks version, startedMs, stream, axes or sensor';
}

/** Reads a later line; null for one of no known form. */
export function parseEntry(line: string, axes: number): RecordingEntry | null {
  const value = parseObject(line);
  if (value === null) {
    return null;
  }
  const { opened, text, bytes, samples, gap, lengthMs, label, closed, end, atMs, epochMs } = value;
  const { asked, gaveUp } = value;
  if (Array.isArray(samples)) {
    return parseSamples(samples, axes);
  }
  if (typeof gap === 'string') {
    return isNumber(lengthMs) ? { kind: 'gap', lengthMs, reason: gap } : null;
  }
  if (!isNumber(atMs)) {
    return null;
  }
  if (typeof text === 'string' || typeof bytes === 'string') {
    const content =
      typeof text === 'string' ? Buffer.from(text, 'latin1') : Buffer.from(String(bytes), 'base64');
    return isNumber(epochMs) ? { kind: 'bytes', atMs, epochMs, bytes: content } : null;
  }
  if (asked === true) {
    return { kind: 'asked', atMs };
  }
  if (gaveUp === true) {
    return isNumber(epochMs) ? { kind: 'gaveUp', atMs, epochMs } : null;
  }
  if (typeof opened === 'string') {
    return { kind: 'opened', atMs, path: opened };
  }
  if (typeof closed === 'string') {
    return { kind: 'closed', atMs, reason: closed };
  }
  if (typeof label === 'string' || label === null) {
    return { kind: 'label', atMs, label };
  }
  return end === true ? { kind: 'end', atMs } : null;
}

function parseSamples(rows: readonly unknown[], axes: number): RecordedSamples | null {
  const timeMs = new Float64Array(rows.length);
  const values = new Float32Array(rows.length * axes);
  for (const [n, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== 1 + axes || !row.every(isNumber)) {
      return null;
    }
    timeMs[n] = row[0] ?? 0;
    values.set(row.slice(1), n * axes);
  }
  return { kind: 'samples', count: rows.length, timeMs, values };
}

function parseObject(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
