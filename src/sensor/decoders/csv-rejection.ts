import type { CsvLayout } from './csv-layout.js';
import type { CsvLine } from './text/csv-line.js';

/** Why a row was lost, by the name of its counter. */
export type CsvReason =
  | 'fieldCount'
  | 'empty'
  | 'nonFinite'
  | 'notNumeric'
  | 'tooLong'
  | 'badChecksum';

/** A lost row: its counter, and why it was lost in words, with the way out. */
export interface CsvRejection {
  readonly reason: CsvReason;
  readonly message: string;
}

/** Returns whether a line has no number: a banner, prose, or nothing. */
export function isProse(line: CsvLine): boolean {
  const kinds = Array.from({ length: line.count }, (_, field) => line.kind(field));
  const isText = kinds.every((kind) => kind === 'text' || kind === 'empty');
  return isText && (line.count === 0 || kinds.includes('text'));
}

/** Why a line that has numbers is no row. */
export function rejectionOf(line: CsvLine, layout: CsvLayout, isAmbiguous: boolean): CsvRejection {
  const fits = layout.fits(line.count);
  if (!line.isText) {
    return {
      reason: fits ? 'notNumeric' : 'fieldCount',
      message:
        `a line that is no text: ${line.hex}; there is noise on the line, or sensor.baudRate is not ` +
        `the rate at which the sensor sends, or it speaks a binary protocol`,
    };
  }
  const fault = decimalCommaFault(line, layout.names.length);
  if (fault !== undefined && (!fits || line.hasDecimalCommas)) {
    return { reason: fits ? 'notNumeric' : 'fieldCount', message: `a row ${fault}` };
  }
  if (!fits) {
    const expected = `${layout.fields}${layout.isConfigured ? ' or more' : ''}`;
    return {
      reason: 'fieldCount',
      message:
        `a row of ${line.count} fields where ${expected} were expected: ${line.toString()}; ` +
        `if that is how the sensor writes, say in sensor.columns which field each axis is, ` +
        `counted from 0`,
    };
  }
  if (isAmbiguous) {
    return {
      reason: 'notNumeric',
      message:
        `a row whose commas may separate fields or be decimal commas: ${line.toString()}; have the sensor ` +
        `separate by ";", or say sensor.decimal: point (for a file --decimal point) where each comma separates`,
    };
  }
  const kinds = Array.from({ length: line.count }, (_, field) => line.kind(field));
  const axis = layout.columns.findIndex((column) => kinds[column] !== 'number');
  const kind = kinds[layout.columns[axis] ?? 0];
  return {
    reason: kind === 'empty' || kind === 'nonFinite' ? kind : 'notNumeric',
    message: `no number for axis ${layout.names[axis]} in ${line.toString()}`,
  };
}

/**
 * Says that a line has decimal commas where commas separate, and the way out. Undefined where it has not, for all that is known.
 *
 * @param numbers how many a row is to have
 */
export function decimalCommaFault(line: CsvLine, numbers: number): string | undefined {
  const wayOut = 'have numbers written with a point, or separated by ";" or a tab';
  if (line.hasDecimalCommas) {
    return `with decimal commas, where commas separate: ${line.toString()}; ${wayOut}`;
  }
  return line.count === 2 * numbers && line.isCommaSeparated && !line.hasDecimalPoint
    ? `of ${line.count} fields where ${numbers} were expected: ${line.toString()}; if each second comma is a decimal comma, ${wayOut}; ` +
        'if each separates, say in sensor.columns (for a file --columns) which fields count, from 0'
    : undefined;
}

/** Why a line of numbers with names beside them is no row. */
export function labelRejection(line: CsvLine, names: readonly string[]): CsvRejection {
  return {
    reason: 'fieldCount',
    message:
      `a row in which the names beside the numbers are not just one each of ${names.join(', ')}: ${line.toString()}; ` +
      'name the axes in sensor.axes as the sensor does, and where it writes several kinds of lines, say in sensor.prefix how its rows begin',
  };
}
