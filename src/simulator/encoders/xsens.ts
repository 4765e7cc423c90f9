import { sum8 } from '../../sensor/decoders/frames/checksums.js';
import { noOptions, usualPeriodMs, type EncoderDefinition } from './encoder.js';

/** MTData2 with packet counter, sample time, acceleration, and rotation where the rows have it. */
export const xsens: EncoderDefinition = {
  name: 'xsens',
  options: noOptions,
  unit: 'm/s2',
  resolution: 0,
  mostAxes: 6,
  create: (axes, periodMs = usualPeriodMs) => {
    const packets = axes > 3 ? [0x4020, 0x8020] : [0x4020];
    const dataBytes = 5 + 7 + 15 * packets.length;
    let rows = 0;
    return (row) => {
      const bytes = Buffer.alloc(5 + dataBytes);
      bytes.set([0xfa, 0xff, 0x36, dataBytes, 0x10, 0x20, 2]);
      bytes.writeUInt16BE(rows & 0xffff, 7);
      bytes.set([0x10, 0x60, 4], 9);
      bytes.writeUInt32BE(Math.round(10 * periodMs * rows) >>> 0, 12);
      rows += 1;
      for (const [packet, id] of packets.entries()) {
        const at = 16 + 15 * packet;
        bytes.writeUInt16BE(id, at);
        bytes[at + 2] = 12;
        for (let n = 0; n < 3; n += 1) {
          bytes.writeFloatBE(row[3 * packet + n] ?? 0, at + 3 + 4 * n);
        }
      }
      bytes[4 + dataBytes] = -sum8(bytes, 1, 4 + dataBytes);
      return bytes;
    };
  },
};
