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

/**
 * For a CRC that takes eight bytes at a time, since each step waits for the one before: at `256 n + byte` the effect of a
 * byte that n others follow.
 */
function tablesOf(
  effect: (byte: number) => number,
  next: (crc: number, effects: Uint16Array) => number,
): Uint16Array {
  const tables = new Uint16Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    tables[byte] = effect(byte);
  }
  for (let at = 256; at < tables.length; at += 1) {
    tables[at] = next(tables[at - 256] ?? 0, tables);
  }
  return tables;
}

function modbusEffect(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  }
  return crc;
}

const modbusTables = tablesOf(
  modbusEffect,
  (crc, effects) => (crc >> 8) ^ (effects[crc & 0xff] ?? 0),
);

/** CRC-16 of Modbus: polynomial 0x8005 reflected, from 0xFFFF. `123456789` has 0x4B37. */
export function crc16Modbus(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffff;
  let at = start;
  for (; at + 7 < end; at += 8) {
    crc =
      (modbusTables[1792 | ((crc & 0xff) ^ (bytes[at] ?? 0))] ?? 0) ^
      (modbusTables[1536 | ((crc >> 8) ^ (bytes[at + 1] ?? 0))] ?? 0) ^
      (modbusTables[1280 | (bytes[at + 2] ?? 0)] ?? 0) ^
      (modbusTables[1024 | (bytes[at + 3] ?? 0)] ?? 0) ^
      (modbusTables[768 | (bytes[at + 4] ?? 0)] ?? 0) ^
      (modbusTables[512 | (bytes[at + 5] ?? 0)] ?? 0) ^
      (modbusTables[256 | (bytes[at + 6] ?? 0)] ?? 0) ^
      (modbusTables[bytes[at + 7] ?? 0] ?? 0);
  }
  if (at + 3 < end) {
    crc =
      (modbusTables[768 | ((crc & 0xff) ^ (bytes[at] ?? 0))] ?? 0) ^
      (modbusTables[512 | ((crc >> 8) ^ (bytes[at + 1] ?? 0))] ?? 0) ^
      (modbusTables[256 | (bytes[at + 2] ?? 0)] ?? 0) ^
      (modbusTables[bytes[at + 3] ?? 0] ?? 0);
    at += 4;
  }
  for (; at < end; at += 1) {
    crc = (crc >> 8) ^ (modbusTables[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
}

function ccittEffect(byte: number): number {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  }
  return crc & 0xffff;
}

const ccittTables = tablesOf(
  ccittEffect,
  (crc, effects) => ((crc << 8) & 0xff00) ^ (effects[crc >> 8] ?? 0),
);

/**
 * CRC-16 with the polynomial 0x1021. From 0xFFFF it is CCITT-FALSE (`123456789` has 0x29B1), from 0 XMODEM (0x31C3).
 *
 * @param start the register before the first byte
 */
export function crc16Ccitt(bytes: Uint8Array, start: number, end: number, initial: number): number {
  let crc = initial;
  let at = start;
  for (; at + 7 < end; at += 8) {
    crc =
      (ccittTables[1792 | ((crc >> 8) ^ (bytes[at] ?? 0))] ?? 0) ^
      (ccittTables[1536 | ((crc & 0xff) ^ (bytes[at + 1] ?? 0))] ?? 0) ^
      (ccittTables[1280 | (bytes[at + 2] ?? 0)] ?? 0) ^
      (ccittTables[1024 | (bytes[at + 3] ?? 0)] ?? 0) ^
      (ccittTables[768 | (bytes[at + 4] ?? 0)] ?? 0) ^
      (ccittTables[512 | (bytes[at + 5] ?? 0)] ?? 0) ^
      (ccittTables[256 | (bytes[at + 6] ?? 0)] ?? 0) ^
      (ccittTables[bytes[at + 7] ?? 0] ?? 0);
  }
  if (at + 3 < end) {
    crc =
      (ccittTables[768 | ((crc >> 8) ^ (bytes[at] ?? 0))] ?? 0) ^
      (ccittTables[512 | ((crc & 0xff) ^ (bytes[at + 1] ?? 0))] ?? 0) ^
      (ccittTables[256 | (bytes[at + 2] ?? 0)] ?? 0) ^
      (ccittTables[bytes[at + 3] ?? 0] ?? 0);
    at += 4;
  }
  for (; at < end; at += 1) {
    crc = ((crc << 8) & 0xff00) ^ (ccittTables[(crc >> 8) ^ (bytes[at] ?? 0)] ?? 0);
  }
  return crc;
}
