import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { LstmdError } from '../base/errors.js';
import { csvLines } from '../recording/csv-export.js';
import { openRecording } from '../recording/recording-reader.js';
import { CsvRow } from './csv-row.js';
import { readJsonRow } from './json-row.js';
import type { RowFields } from './row-fields.js';

/** A row of a recording; the same object for each, overwritten by the next. */
export interface RecordedRow {
  /** The readings, one for each feature of the model. */
  readonly values: Float32Array;
  /** The texts of the fields that were asked for beside the readings. */
  readonly texts: readonly string[];
  /** Number of its line, from 1. */
  readonly line: number;
  /** Bytes of the file that were read so far. */
  readonly bytesRead: number;
}

/** Spreadsheets begin a file of UTF-8 with it. */
const byteOrderMark = '\ufeff';

/**
 * Samples of a file, one a line: CSV rows, read as the sensor's decoder reads them, JSON arrays, or a recording (.rec.gz),
 * of `features` numbers each. A first line without a number is a header, by which the fields are found
 * where their names are given. Any other
 * line that is not a sample is an error, because leaving it out would shift every output after it.
 *
 * @param path the file; `-` for stdin
 * @yields the same row for each sample, overwritten by the next
 * @throws LstmdError `sensor.input` naming file and line, `usage.invalid` for fields that do not fit
 */
export async function* readRows(
  path: string,
  features: number,
  fields: RowFields = {},
): AsyncGenerator<RecordedRow> {
  const name = path === '-' ? 'stdin' : path;
  const recorded = path.endsWith('.rec.gz') ? await recordedRows(path, fields) : undefined;
  const input = recorded?.input ?? (path === '-' ? process.stdin : createReadStream(path));
  const row = {
    values: new Float32Array(features),
    texts: (fields.texts ?? []).map(() => ''),
    line: 0,
    bytesRead: 0,
  };
  const csv = new CsvRow(row, { ...fields, ...recorded?.fields });
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      row.line += 1;
      const line = row.line === 1 && text.startsWith(byteOrderMark) ? text.slice(1) : text;
      if (line.trim() === '') {
        continue;
      }
      const fault = line.startsWith('[') ? readJsonRow(line, row, fields) : csv.read(line);
      if (fault === 'text' && row.line === 1) {
        if (fields.axes === undefined && fields.columns === undefined && recorded === undefined) {
          fields.onUnreadHeader?.(line);
        }
        continue;
      }
      if (fault !== undefined) {
        const what = fault === 'text' ? 'no number in it' : fault;
        throw new LstmdError('sensor.input', `${name}, line ${row.line}: ${what}`);
      }
      row.bytesRead = 'bytesRead' in input ? input.bytesRead : 0;
      yield row;
    }
  } catch (cause) {
    if (cause instanceof LstmdError) {
      throw cause;
    }
    throw new LstmdError('sensor.input', `cannot read ${name}`, { cause });
  }
}

/** A file of `lstmd record` as the CSV that it exports, whose readings stand after the time. */
async function recordedRows(
  path: string,
  fields: RowFields,
): Promise<{ readonly input: Readable; readonly fields: RowFields }> {
  const recording = await openRecording(path);
  async function* text(): AsyncGenerator<string> {
    for await (const line of csvLines(recording)) {
      yield `${line}\n`;
    }
  }
  const all = recording.header.axes.map((_, axis) => 1 + axis);
  const columns = fields.columns ?? (fields.axes === undefined ? all : undefined);
  return {
    input: Readable.from(text()),
    fields: { decimal: 'point', columns },
  };
}
