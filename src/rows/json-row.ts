import type { RowFields, RowTarget } from './row-fields.js';

/**
 * Reads a JSON array into a row: the features, and among them what is read as text, by its index.
 *
 * @returns the fault of the line, or undefined where there is none
 */
export function readJsonRow(
  line: string,
  { values, texts }: RowTarget,
  { texts: textFields = [] }: RowFields,
): string | undefined {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return 'neither CSV nor a JSON array';
  }
  const named = textFields.find((field) => typeof field === 'string');
  if (named !== undefined) {
    return `a JSON array has no field "${named}": give its number, from 0`;
  }
  const expected = values.length + textFields.length;
  if (!Array.isArray(row) || row.length !== expected) {
    const beside = textFields.length === 0 ? '' : ` and the ${textFields.length} beside them`;
    return `not ${expected} values, as the model takes${beside}`;
  }
  let feature = 0;
  for (const [n, value] of row.entries() as ArrayIterator<[number, unknown]>) {
    const text = textFields.indexOf(n);
    if (text >= 0) {
      texts[text] = typeof value === 'string' ? value : JSON.stringify(value);
      continue;
    }
    if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
      return `value ${n + 1} is not a finite number`;
    }
    values[feature] = value;
    feature += 1;
  }
  return undefined;
}
