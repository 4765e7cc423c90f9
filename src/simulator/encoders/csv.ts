import type { EncoderDefinition } from './encoder.js';

/** A line as a sensor prints it; nine digits are read back as the same float32. */
export function csvLine(row: Float32Array): Uint8Array {
  const fields = Array.from(row, (reading) => Number(reading.toPrecision(9)));
  return Buffer.from(`${fields.join(',')}\r\n`, 'latin1');
}

export const csv: EncoderDefinition = { name: 'csv', options: {}, create: () => csvLine };
