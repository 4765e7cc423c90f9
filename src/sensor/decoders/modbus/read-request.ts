import { crc16Modbus } from '../frames/checksums.js';

/**
 * The request to read registers: all big-endian but the CRC.
 *
 * @param code 3 for holding registers, 4 for input registers
 */
export function readRequest(slave: number, code: number, start: number, count: number): Uint8Array {
  const bytes = Uint8Array.of(
    slave,
    code,
    start >> 8,
    start & 0xff,
    count >> 8,
    count & 0xff,
    0,
    0,
  );
  const crc = crc16Modbus(bytes, 0, 6);
  bytes[6] = crc & 0xff;
  bytes[7] = crc >> 8;
  return bytes;
}
