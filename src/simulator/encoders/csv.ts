/** A row as a sensor prints it; nine digits read back to the same float32. */
export function csvRow(row: Float32Array): Uint8Array {
  const fields = Array.from(row, (reading) => Number(reading.toPrecision(9)));
  return Buffer.from(`${fields.join(',')}\r\n`, 'latin1');
}
