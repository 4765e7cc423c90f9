import { crc16Modbus } from '../../sensor/decoders/frames/checksums.js';
import { clipped, type EncoderDefinition } from './encoder.js';

/** A frame as many firmwares have one: two sync bytes, a counter, an int16 for each axis, a CRC-16. */
export const binary: EncoderDefinition = {
  name: 'binary',
  options: (axes) => ({
    sync: 'aa 55',
    frame: ['u16 counter', ...axes.map((axis) => `i16 ${axis}`)],
    checksum: 'crc16-modbus',
  }),
  resolution: 1,
  create: (axes) => {
    let rows = 0;
    return (row) => {
      const bytes = Buffer.alloc(6 + 2 * axes);
      bytes.set([0xaa, 0x55]);
      bytes.writeUInt16LE(rows & 0xffff, 2);
      rows += 1;
      for (let axis = 0; axis < axes; axis += 1) {
        bytes.writeInt16LE(clipped(row[axis] ?? 0, 16), 4 + 2 * axis);
      }
      bytes.writeUInt16LE(crc16Modbus(bytes, 0, bytes.length - 2), bytes.length - 2);
      return bytes;
    };
  },
};
