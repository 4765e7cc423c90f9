import { crc16Ccitt } from '../../sensor/decoders/frames/checksums.js';
import { noOptions, type EncoderDefinition } from './encoder.js';

/** Bytes without a zero in them, and a zero behind them (Cheshire and Baker, 1999). */
export function cobsEncoded(data: Uint8Array): Uint8Array {
  const out: number[] = [0];
  let codeAt = 0;
  for (const [index, byte] of data.entries()) {
    if (byte !== 0) {
      out.push(byte);
    }
    const run = out.length - codeAt;
    if (byte === 0 || (run === 255 && index < data.length - 1)) {
      out[codeAt] = run;
      codeAt = out.length;
      out.push(0);
    }
  }
  out[codeAt] = out.length - codeAt;
  out.push(0);
  return Uint8Array.from(out);
}

/** Sequence number, float32 readings and CRC-16, little-endian, in COBS. */
export const cobs: EncoderDefinition = {
  name: 'cobs',
  options: noOptions,
  resolution: 0,
  create: (axes) => {
    const data = Buffer.alloc(4 + 4 * axes);
    let rows = 0;
    return (row) => {
      data.writeUInt16LE(rows & 0xffff, 0);
      rows += 1;
      for (let axis = 0; axis < axes; axis += 1) {
        data.writeFloatLE(row[axis] ?? 0, 2 + 4 * axis);
      }
      data.writeUInt16LE(crc16Ccitt(data, 0, data.length - 2, 0xffff), data.length - 2);
      return cobsEncoded(data);
    };
  },
};
