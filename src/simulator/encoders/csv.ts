import { noOptions, type EncoderDefinition } from './encoder.js';

/** A line as a sensor prints it; nine digits are read back as the same float32. */
export function csvLine(row: Float32Array): Uint8Array {
  return line(numbersOf(row).join(','));
}

export const csv: EncoderDefinition = {
  name: 'csv',
  options: noOptions,
  resolution: 0,
  create: () => csvLine,
};

function numbersOf(row: Float32Array): number[] {
  return Array.from(row, (reading) => Number(reading.toPrecision(9)));
}

function line(text: string): Uint8Array {
  return Buffer.from(`${text}\r\n`, 'latin1');
}
