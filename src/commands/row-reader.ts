import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { LstmdError } from '../errors.js';

/**
 * Samples of a file, one a line: CSV rows or JSON arrays, of `features` numbers each. A first line
 * without a single number is a header and passed over; anything else that is not a sample is an
 * error with its line, for a row left out would shift every answer after it.
 *
 * @param path `-` is stdin
 * @yields the same array each time, overwritten by the next sample
 * @throws LstmdError `sensor.input` naming file and line
 */
export async function* readRows(path: string, features: number): AsyncGenerator<Float32Array> {
  const name = path === '-' ? 'stdin' : path;
  const input = path === '-' ? process.stdin : createReadStream(path);
  const row = new Float32Array(features);
  let lineNumber = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      lineNumber += 1;
      if (line.trim() === '') continue;
      const fields = line.startsWith('[') ? jsonFields(line) : csvFields(line);
      if (lineNumber === 1 && fields.every(Number.isNaN)) continue;
      if (fields.length !== features) {
        throw rowError(
          name,
          lineNumber,
          `${fields.length} values, but the model takes ${features}`,
        );
      }
      row.set(fields);
      const bad = row.findIndex((value) => !Number.isFinite(value));
      if (bad !== -1) throw rowError(name, lineNumber, `value ${bad + 1} is not a finite number`);
      yield row;
    }
  } catch (cause) {
    if (cause instanceof LstmdError) throw cause;
    throw new LstmdError('sensor.input', `cannot read ${name}`, { cause });
  }
}

function csvFields(line: string): number[] {
  const fields = line.split(/[,;\t]|\s+/).map((field) => field.trim());
  if (fields.at(-1) === '') fields.pop();
  return fields.map((field) => (field === '' ? Number.NaN : Number(field)));
}

function jsonFields(line: string): number[] {
  try {
    const parsed: unknown = JSON.parse(line);
    return Array.isArray(parsed)
      ? parsed.map((value: unknown) => (typeof value === 'number' ? value : Number.NaN))
      : [];
  } catch {
    return [];
  }
}

function rowError(name: string, line: number, what: string): LstmdError {
  return new LstmdError('sensor.input', `${name}, line ${line}: ${what}`);
}
