import { crc16Ccitt, crc16Modbus, sum8, xor8 } from './checksums.js';

/** The checksum behind a frame. */
export interface ChecksumKind {
  readonly bytes: number;
  compute(bytes: Uint8Array, start: number, end: number): number;
}

/** The checksums that a described frame can have, by name. */
export const checksumKinds = {
  none: { bytes: 0, compute: () => 0 },
  sum8: { bytes: 1, compute: sum8 },
  xor8: { bytes: 1, compute: xor8 },
  'crc16-modbus': { bytes: 2, compute: crc16Modbus },
  'crc16-ccitt': {
    bytes: 2,
    compute: (bytes, start, end) => crc16Ccitt(bytes, start, end, 0xffff),
  },
  'crc16-xmodem': { bytes: 2, compute: (bytes, start, end) => crc16Ccitt(bytes, start, end, 0) },
} as const satisfies Record<string, ChecksumKind>;

export type ChecksumName = keyof typeof checksumKinds;
