import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { Moment, SavedState } from './saved-state.js';

/**
 * The bytes of a slot, little-endian; docs/formats/state-slot.md has the page for others:
 *
 *     0   magic "lstmdslt"        48  model SHA-256, 32 bytes
 *     8   format version, u32     80  layout hash, 32 bytes
 *     12  payload bytes, u32      112 bytes of the stream's name, u32
 *     16  sequence, u64           116 bytes of what was learnt, u32
 *     24  sample count, u64       120 id of the boot, 16 bytes
 *     32  last sample's time,     136 time since the boot, f64 ms
 *         f64 epoch ms            144 the name, UTF-8; what was learnt, JSON
 *     40  time of saving, f64     ..  payload: the state as float32
 *         epoch ms                ..  CRC-32 of all before it, u32
 *
 * In version 1 the payload begins at 112.
 */
const magic = Buffer.from('lstmdslt', 'latin1');
const formatVersion = 2;
/** Up to where both versions are the same. */
const commonBytes = 112;
const headerBytes = 144;
const crcBytes = 4;
const unknownBoot = '0'.repeat(32);
/** The latest time that a JavaScript Date can hold, epoch milliseconds. */
const latestMs = 8.64e15;

/** A longer JSON of what is learnt from a stream is not kept: a header row is far below. */
export const mostLearntBytes = 4096;

export type SlotContent =
  | { readonly kind: 'ok'; readonly saved: SavedState }
  /** Only zeros: room was made for the slot, and it was never written. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'damaged'; readonly reason: string };

/** The bytes of a slot with this in it. */
export function encodeSlot(saved: SavedState): Buffer {
  const { state, stream, learnt, savedAt } = saved;
  const name = Buffer.from(stream);
  const learntJson = Buffer.from(learnt === null ? '' : JSON.stringify(learnt));
  if (learntJson.length > mostLearntBytes) {
    throw new RangeError(`what was learnt has ${learntJson.length} bytes`);
  }
  const start = headerBytes + name.length + learntJson.length;
  const end = start + 4 * state.length;
  const slot = Buffer.alloc(end + crcBytes);
  magic.copy(slot);
  slot.writeUInt32LE(formatVersion, 8);
  slot.writeUInt32LE(4 * state.length, 12);
  slot.writeBigUInt64LE(BigInt(saved.sequence), 16);
  slot.writeBigUInt64LE(BigInt(saved.sampleCount), 24);
  slot.writeDoubleLE(saved.lastSampleMs, 32);
  slot.writeDoubleLE(savedAt.epochMs, 40);
  writeHex(slot, saved.modelSha256, 48, 32);
  writeHex(slot, saved.layoutHash, 80, 32);
  slot.writeUInt32LE(name.length, 112);
  slot.writeUInt32LE(learntJson.length, 116);
  writeHex(slot, savedAt.bootId ?? unknownBoot, 120, 16);
  slot.writeDoubleLE(savedAt.bootMs, 136);
  name.copy(slot, headerBytes);
  learntJson.copy(slot, headerBytes + name.length);
  for (let i = 0; i < state.length; i += 1) {
    slot.writeFloatLE(state[i] ?? 0, start + 4 * i);
  }
  slot.writeUInt32LE(crc32(slot.subarray(0, end)), end);
  return slot;
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
  const header = version === 1 ? readVersion1(slot) : readHeader(slot, end);
  if (typeof header === 'string') {
    return damaged(header);
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
  const saved: SavedState = {
    stream: header.stream,
    modelSha256: slot.toString('hex', 48, 80),
    layoutHash: slot.toString('hex', 80, 112),
    sequence: Number(slot.readBigUInt64LE(16)),
    sampleCount: Number(slot.readBigUInt64LE(24)),
    lastSampleMs: slot.readDoubleLE(32),
    savedAt: header.savedAt,
    learnt: header.learnt,
    state,
  };
  const { sequence, sampleCount, lastSampleMs } = saved;
  const { epochMs, bootMs } = header.savedAt;
  // A number too large to be counted on from, or a time that is no date, would fail only later.
  if (![sequence, sampleCount].every((count) => count < Number.MAX_SAFE_INTEGER)) {
    return damaged('its numbers are too large to count on from');
  }
  if (![lastSampleMs, epochMs, bootMs].every((ms) => Math.abs(ms) <= latestMs)) {
    return damaged('its times are no times');
  }
  return { kind: 'ok', saved };
}

/** Holds what stands before the payload, but for the part that is the same in both versions. */
interface SlotHeader {
  readonly stream: string;
  readonly savedAt: Moment;
  readonly learnt: object | null;
  /** Says where the payload begins. */
  readonly bytes: number;
}

/** Version 1 knows the wall time alone. */
function readVersion1(slot: Buffer): SlotHeader {
  const savedAt = { epochMs: slot.readDoubleLE(40), bootMs: 0, bootId: null };
  return { stream: '', savedAt, learnt: null, bytes: commonBytes };
}

/** @returns what is wrong, where it cannot be read */
function readHeader(slot: Buffer, end: number): SlotHeader | string {
  if (end < headerBytes) {
    return 'its header is not whole';
  }
  const nameEnd = headerBytes + slot.readUInt32LE(112);
  const learntBytes = slot.readUInt32LE(116);
  const bytes = nameEnd + learntBytes;
  if (bytes > end || learntBytes > mostLearntBytes) {
    return 'its name or what was learnt does not fit into it';
  }
  const name = slot.subarray(headerBytes, nameEnd);
  if (!isUtf8(name)) {
    return 'its stream has no name that can be read';
  }
  const learnt = learntBytes === 0 ? null : objectIn(slot.toString('utf8', nameEnd, bytes));
  if (learnt === undefined) {
    return 'what was learnt cannot be read';
  }
  const bootId = slot.toString('hex', 120, 136);
  const savedAt = {
    epochMs: slot.readDoubleLE(40),
    bootMs: slot.readDoubleLE(136),
    bootId: bootId === unknownBoot ? null : bootId,
  };
  return { stream: name.toString('utf8'), savedAt, learnt, bytes };
}

/** The object that a JSON text is; undefined for any other text. */
function objectIn(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function damaged(reason: string): SlotContent {
  return { kind: 'damaged', reason };
}

function writeHex(slot: Buffer, hex: string, offset: number, bytes: number): void {
  if (hex.length !== 2 * bytes || !/^[0-9a-f]+$/.test(hex)) {
    throw new RangeError(`not ${bytes} bytes in lower-case hex: "${hex}"`);
  }
  slot.write(hex, offset, 'hex');
}
