import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { LstmdError } from '../../base/errors.js';
import { CsvDecoder } from '../../sensor/decoders/csv-decoder.js';
import { columnsFault } from '../../sensor/decoders/csv-layout.js';

/** A file, unlike a sensor, may have a hundred columns beside those that are read. */
const maxLineBytes = 2 ** 18;

/** Which fields of a CSV row are the features. */
export interface FeatureFields {
  /** Names of the features in order, which a header row is read by. */
  readonly axes?: readonly string[];
  /** Index of each feature's field, from 0. */
  readonly columns?: readonly number[];
}

/**
 * Samples of a file, one a line: CSV rows, read as the sensor's decoder reads them, or JSON arrays,
 * of `features` numbers each. A first line without a number is a header, by which the fields are found
 * where their names are given. Any other
 * line that is not a sample is an error, because leaving it out would shift every output after it.
 *
 * @param path the file; `-` for stdin
 * @yields the same array for each sample, overwritten by the next
 * @throws LstmdError `sensor.input` naming file and line, `usage.invalid` for fields that do not fit
 */
export async function* readRows(
  path: string,
  features: number,
  fields: FeatureFields = {},
): AsyncGenerator<Float32Array> {
  const name = path === '-' ? 'stdin' : path;
  const input = path === '-' ? process.stdin : createReadStream(path);
  const row = new Float32Array(features);
  const csv = new CsvRow(row, fields);
  let lineNumber = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      lineNumber += 1;
      if (line.trim() === '') {
        continue;
      }
      const fault = line.startsWith('[') ? readJson(line, row) : csv.read(line);
      if (fault === 'text' && lineNumber === 1) {
        continue;
      }
      if (fault !== undefined) {
        const what = fault === 'text' ? 'no number in it' : fault;
        throw new LstmdError('sensor.input', `${name}, line ${lineNumber}: ${what}`);
      }
      yield row;
    }
  } catch (cause) {
    if (cause instanceof LstmdError) {
      throw cause;
    }
    throw new LstmdError('sensor.input', `cannot read ${name}`, { cause });
  }
}

/** Reads one CSV line at a time into a row. */
class CsvRow {
  readonly #decoder: CsvDecoder;
  #fault: string | undefined;

  readonly #row: Float32Array;

  constructor(row: Float32Array, { axes, columns }: FeatureFields) {
    this.#row = row;
    if (axes !== undefined && axes.length !== row.length) {
      throw new LstmdError(
        'usage.invalid',
        `--axes: ${axes.length} names for a model of ${row.length} features`,
      );
    }
    const names = axes ?? Array.from(row, (_, n) => `value ${n + 1}`);
    const fault = columnsFault({ axes: names, columns });
    if (fault !== undefined) {
      throw new LstmdError('usage.invalid', `--columns: ${fault}`);
    }
    this.#decoder = new CsvDecoder({ axes: names, columns, maxLineBytes });
  }

  /** The fault of a line: `text` for one without a number; undefined where there is none. */
  read(line: string): string | undefined {
    const { counters } = this.#decoder;
    const textBefore = counters.text;
    this.#fault = undefined;
    this.#decoder.push(Buffer.from(`${line}\n`, 'latin1'), this.#sink);
    return counters.text > textBefore ? 'text' : this.#fault;
  }

  readonly #sink = {
    rows: (values: Float32Array) => this.#row.set(values.subarray(0, this.#row.length)),
    lost: () => {
      this.#fault =
        this.#decoder.counters.fieldCount > 0
          ? `not ${this.#row.length} values, as the model takes; name their fields with --columns, or the names in the header with --axes`
          : this.#decoder.rejection;
    },
  };
}

/** Reads a JSON array into a row; gives the fault of the line, or undefined where there is none. */
function readJson(line: string, row: Float32Array): string | undefined {
  let values: unknown;
  try {
    values = JSON.parse(line);
  } catch {
    return 'neither CSV nor a JSON array';
  }
  if (!Array.isArray(values) || values.length !== row.length) {
    return `not ${row.length} values, as the model takes`;
  }
  for (const [n, value] of values.entries()) {
    if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
      return `value ${n + 1} is not a finite number`;
    }
    row[n] = value;
  }
  return undefined;
}
