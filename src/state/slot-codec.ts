import { crc32 } from 'node:zlib';

/**
 * The bytes of a slot, little-endian; docs/formats/state-slot.md has the page for others:
 *
 *     0   magic "lstmdslt"        48  model SHA-256, 32 bytes
 *     8   format version, u32     80  layout hash, 32 bytes
 *     12  payload bytes, u32      112 payload: the state as float32
 *     16  sequence, u64           ..  CRC-32 of all before it, u32
 *     24  sample count, u64
 *     32  last sample's time, f64 epoch ms
 *     40  time of saving, f64 epoch ms
 */
const magic = Buffer.from('lstmdslt', 'latin1');
const formatVersion = 1;
const headerBytes = 112;
const crcBytes = 4;
/** The latest time that a JavaScript Date can hold, epoch milliseconds. */
const latestMs = 8.64e15;

/** A state and what it belongs to. */
export interface StateRecord {
  /** SHA-256 of the model file, lower-case hex. */
  readonly modelSha256: string;
  /** SHA-256 of the state's layout (model, mode, window, lanes ...), lower-case hex. */
  readonly layoutHash: string;
  /** Number of this save; the higher of two slots is the newer. */
  readonly sequence: number;
  /** Samples seen since this state began. */
  readonly sampleCount: number;
  /** Acquisition time of the last sample in it, epoch milliseconds. */
  readonly lastSampleMs: number;
  /** Wall time of saving, epoch milliseconds. */
  readonly savedMs: number;
  readonly state: Float32Array;
}

export type SlotContent =
  | { readonly kind: 'ok'; readonly record: StateRecord }
  /** Only zeros: room was made for the slot, and it was never written. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Bytes of a slot for a state of `stateSize` floats. */
export function slotBytes(stateSize: number): number {
  return headerBytes + 4 * stateSize + crcBytes;
}

/** Writes a record over the whole of `slot`, which must be `slotBytes(record.state.length)` long. */
export function encodeSlot(slot: Buffer, record: StateRecord): void {
  const { state } = record;
  if (slot.length !== slotBytes(state.length)) {
    throw new RangeError('slot of another size');
  }
  magic.copy(slot);
  slot.writeUInt32LE(formatVersion, 8);
  slot.writeUInt32LE(4 * state.length, 12);
  slot.writeBigUInt64LE(BigInt(record.sequence), 16);
  slot.writeBigUInt64LE(BigInt(record.sampleCount), 24);
  slot.writeDoubleLE(record.lastSampleMs, 32);
  slot.writeDoubleLE(record.savedMs, 40);
  writeHash(slot, record.modelSha256, 48);
  writeHash(slot, record.layoutHash, 80);
  for (let i = 0; i < state.length; i += 1) {
    slot.writeFloatLE(state[i] ?? 0, headerBytes + 4 * i);
  }
  const end = slot.length - crcBytes;
  slot.writeUInt32LE(crc32(slot.subarray(0, end)), end);
}

/** Reads the bytes of a slot. Does not throw: bytes that are no slot are `damaged`, and why. */
export function decodeSlot(bytes: Uint8Array): SlotContent {
  if (bytes.every((byte) => byte === 0)) {
    return { kind: 'empty' };
  }
  const slot = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (slot.length < headerBytes + crcBytes) {
    return damaged(`${slot.length} bytes are less than a header`);
  }
  if (!slot.subarray(0, 8).equals(magic)) {
    return damaged('it does not begin as a slot does');
  }
  const end = slot.length - crcBytes;
  if (slot.readUInt32LE(end) !== crc32(slot.subarray(0, end))) {
    return damaged('its CRC differs');
  }
  // The CRC fits: from here on the bytes are as some version of this program wrote them.
  const version = slot.readUInt32LE(8);
  if (version !== formatVersion) {
    return damaged(`its format version is ${version}`);
  }
  const payloadBytes = slot.readUInt32LE(12);
  if (payloadBytes % 4 !== 0 || headerBytes + payloadBytes !== end) {
    return damaged(`its length does not fit a payload of ${payloadBytes} bytes`);
  }
  const state = new Float32Array(payloadBytes / 4);
  for (let i = 0; i < state.length; i += 1) {
    state[i] = slot.readFloatLE(headerBytes + 4 * i);
  }
  if (!state.every(Number.isFinite)) {
    return damaged('its state holds NaN or Inf');
  }
  const record: StateRecord = {
    modelSha256: slot.toString('hex', 48, 80),
    layoutHash: slot.toString('hex', 80, 112),
    sequence: Number(slot.readBigUInt64LE(16)),
    sampleCount: Number(slot.readBigUInt64LE(24)),
    lastSampleMs: slot.readDoubleLE(32),
    savedMs: slot.readDoubleLE(40),
    state,
  };
  const { sequence, sampleCount, lastSampleMs, savedMs } = record;
  // A number too large to be counted on from, or a time that is no date, would fail only later.
  if (![sequence, sampleCount].every((count) => count < Number.MAX_SAFE_INTEGER)) {
    return damaged('its numbers are too large to count on from');
  }
  if (![lastSampleMs, savedMs].every((ms) => Math.abs(ms) <= latestMs)) {
    return damaged('its times are no times');
  }
  return { kind: 'ok', record };
}

function damaged(reason: string): SlotContent {
  return { kind: 'damaged', reason };
}

function writeHash(slot: Buffer, hex: string, offset: number): void {
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new RangeError(`not a SHA-256 in lower-case hex: "${hex}"`);
  }
  slot.write(hex, offset, 'hex');
}
