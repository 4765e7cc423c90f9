import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';

/**
 * The bytes of a slot, little-endian; docs/formats/state-slot.md has the page for others:
 *
 *     0   magic "lstmdslt"        48  model SHA-256, 32 bytes
 *     8   format version, u32     80  layout hash, 32 bytes
 *     12  payload bytes, u32      112 bytes of the stream's name, u32
 *     16  sequence, u64           116 the name, UTF-8
 *     24  sample count, u64       ..  payload: the state as float32
 *     32  last sample's time,     ..  CRC-32 of all before it, u32
 *         f64 epoch ms
 *     40  time of saving, f64 epoch ms
 *
 * Version 1 has no name of a stream: its payload begins at 112.
 */
const magic = Buffer.from('lstmdslt', 'latin1');
const formatVersion = 2;
/** Up to where both versions are the same. */
const commonBytes = 112;
const headerBytes = 116;
const crcBytes = 4;
/** The latest time that a JavaScript Date can hold, epoch milliseconds. */
const latestMs = 8.64e15;

/** A state and what it belongs to. */
export interface StateRecord {
  /**
   * The stream whose state it is. Empty in a slot that names none: one of version 1, or a file that
   * was not saved for a stream.
   */
  readonly stream: string;
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

/** Bytes of a slot for a state of `stateSize` floats of a stream with this name. */
export function slotBytes(stateSize: number, stream: string): number {
  return headerBytes + Buffer.byteLength(stream) + 4 * stateSize + crcBytes;
}

/** Writes a record over the whole of `slot`, which must be as long as `slotBytes` says. */
export function encodeSlot(slot: Buffer, record: StateRecord): void {
  const { state, stream } = record;
  if (slot.length !== slotBytes(state.length, stream)) {
    throw new RangeError('slot of another size');
  }
  const nameBytes = Buffer.byteLength(stream);
  magic.copy(slot);
  slot.writeUInt32LE(formatVersion, 8);
  slot.writeUInt32LE(4 * state.length, 12);
  slot.writeBigUInt64LE(BigInt(record.sequence), 16);
  slot.writeBigUInt64LE(BigInt(record.sampleCount), 24);
  slot.writeDoubleLE(record.lastSampleMs, 32);
  slot.writeDoubleLE(record.savedMs, 40);
  writeHash(slot, record.modelSha256, 48);
  writeHash(slot, record.layoutHash, 80);
  slot.writeUInt32LE(nameBytes, 112);
  slot.write(stream, headerBytes);
  for (let i = 0; i < state.length; i += 1) {
    slot.writeFloatLE(state[i] ?? 0, headerBytes + nameBytes + 4 * i);
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
  if (slot.length < commonBytes + crcBytes) {
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
  if (version !== 1 && version !== formatVersion) {
    return damaged(`its format version is ${version}`);
  }
  const header = version === 1 ? { stream: '', bytes: commonBytes } : readName(slot, end);
  if (header === undefined) {
    return damaged('its stream has no name that can be read');
  }
  const payloadBytes = slot.readUInt32LE(12);
  if (payloadBytes % 4 !== 0 || header.bytes + payloadBytes !== end) {
    return damaged(`its length does not fit a payload of ${payloadBytes} bytes`);
  }
  const state = new Float32Array(payloadBytes / 4);
  for (let i = 0; i < state.length; i += 1) {
    state[i] = slot.readFloatLE(header.bytes + 4 * i);
  }
  if (!state.every(Number.isFinite)) {
    return damaged('its state holds NaN or Inf');
  }
  const record: StateRecord = {
    stream: header.stream,
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

/** The stream's name, and how many bytes stand before the payload; undefined where the name is none. */
function readName(
  slot: Buffer,
  end: number,
): { readonly stream: string; readonly bytes: number } | undefined {
  if (end < headerBytes) {
    return undefined;
  }
  const bytes = headerBytes + slot.readUInt32LE(112);
  if (bytes > end) {
    return undefined;
  }
  const name = slot.subarray(headerBytes, bytes);
  return isUtf8(name) ? { stream: name.toString('utf8'), bytes } : undefined;
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
