/** The sum of `bytes[start..end)`, modulo 256. */
export function sum8(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 1) {
    sum += bytes[at] ?? 0;
  }
  return sum & 0xff;
}

/** All of `bytes[start..end)` combined by exclusive or. */
export function xor8(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 1) {
    sum ^= bytes[at] ?? 0;
  }
  return sum;
}

const modbusTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  }
  return crc;
});

/** The effect of a byte that another follows. */
const modbusTableBefore = modbusTable.map((crc) => (crc >> 8) ^ (modbusTable[crc & 0xff] ?? 0));

/** CRC-16 of Modbus: polynomial 0x8005 reflected, from 0xFFFF. `123456789` has 0x4B37. */
export function crc16Modbus(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffff;
  let at = start;
  for (; at + 1 < end; at += 2) {
    const both = crc ^ (bytes[at] ?? 0) ^ ((bytes[at + 1] ?? 0) << 8);
    crc = (modbusTableBefore[both & 0xff] ?? 0) ^ (modbusTable[both >> 8] ?? 0);
  }
  if (at < end) {
    crc = (crc >> 8) ^ (modbusTable[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
}

const ccittTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  }
  return crc & 0xffff;
});

/** The effect of a byte that another follows. */
const ccittTableBefore = ccittTable.map(
  (crc) => ((crc << 8) & 0xff00) ^ (ccittTable[crc >> 8] ?? 0),
);

/**
 * CRC-16 with the polynomial 0x1021. From 0xFFFF it is CCITT-FALSE (`123456789` has 0x29B1), from 0 XMODEM (0x31C3).
 *
 * @param start the register before the first byte
 */
export function crc16Ccitt(bytes: Uint8Array, start: number, end: number, initial: number): number {
  let crc = initial;
  let at = start;
  // Two bytes at a time, since each step waits for the one before.
  for (; at + 1 < end; at += 2) {
    crc =
      (ccittTableBefore[(crc >> 8) ^ (bytes[at] ?? 0)] ?? 0) ^
      (ccittTable[(crc & 0xff) ^ (bytes[at + 1] ?? 0)] ?? 0);
  }
  if (at < end) {
    crc = ((crc << 8) & 0xff00) ^ (ccittTable[(crc >> 8) ^ (bytes[at] ?? 0)] ?? 0);
  }
  return crc;
}
