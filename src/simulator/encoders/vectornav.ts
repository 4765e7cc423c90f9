import { crc16Ccitt, xor8 } from '../../sensor/decoders/frames/checksums.js';
import { noOptions, usualPeriodMs, type Encoder, type EncoderDefinition } from './encoder.js';

/** A number as VectorNav prints it: a sign, and three digits behind the point. */
function field(reading: number): string {
  const sign = reading < 0 ? '-' : '+';
  return sign + Math.abs(reading).toFixed(3).padStart(7, '0');
}

/** `$VNACC`, or `$VNMAR` where the rows have rotation too. */
function createAscii(axes: number): Encoder {
  return (row) => {
    const readings = Array.from({ length: axes > 3 ? 6 : 3 }, (_, n) => field(row[n] ?? 0));
    const text =
      axes > 3
        ? `VNMAR,+0.0000,+0.0000,+0.0000,${readings.join(',')}`
        : `VNACC,${readings.join(',')}`;
    const sum = xor8(Buffer.from(text, 'latin1'), 0, text.length);
    const checksum = sum.toString(16).toUpperCase().padStart(2, '0');
    return Buffer.from(`$${text}*${checksum}\r\n`, 'latin1');
  };
}

/** Group 1 with the time since the start and acceleration, and rotation where the rows have it. */
function createBinary(axes: number, periodMs = usualPeriodMs): Encoder {
  const hasRotation = axes > 3;
  const length = (hasRotation ? 36 : 24) + 2;
  let rows = 0;
  return (row) => {
    const bytes = Buffer.alloc(length);
    bytes.set([0xfa, 0x01, hasRotation ? 0x21 : 0x01, 0x01]);
    bytes.writeBigUInt64LE(BigInt(Math.round(1e6 * periodMs * rows)), 4);
    rows += 1;
    // Rotation is bit 5 and acceleration bit 8, and lower bits come first.
    for (let n = 0; n < 3; n += 1) {
      bytes.writeFloatLE(row[n] ?? 0, (hasRotation ? 24 : 12) + 4 * n);
      if (hasRotation) {
        bytes.writeFloatLE(row[3 + n] ?? 0, 12 + 4 * n);
      }
    }
    bytes.writeUInt16BE(crc16Ccitt(bytes, 1, length - 2, 0), length - 2);
    return bytes;
  };
}

const common = { options: noOptions, unit: 'm/s2', mostAxes: 6 } as const;

export const vectornav: EncoderDefinition = {
  name: 'vectornav',
  ...common,
  resolution: 0.001,
  create: createAscii,
};

export const vectornavBinary: EncoderDefinition = {
  name: 'vectornav:binary',
  ...common,
  resolution: 0,
  create: createBinary,
};
