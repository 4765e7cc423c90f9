import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { decodeSlot, encodeSlot } from '#src/state/slot-codec.js';
import type { SavedState } from '#src/state/saved-state.js';

const saved: SavedState = {
  stream: 'spindle-größe',
  modelSha256: 'ab'.repeat(32),
  layoutHash: '0f'.repeat(32),
  sequence: 2 ** 40 + 1,
  sampleCount: 123_456_789_012,
  lastSampleMs: 1_763_880_000_000.25,
  savedAt: { epochMs: 1_763_880_000_100, bootMs: 86_400_123.5, bootId: '5e'.repeat(16) },
  learnt: { header: 'größe,y,x' },
  state: Float32Array.of(0, -0, 1, -1.5, 3.4e38, 1e-45, 0.1),
};

function encoded(): Buffer {
  return encodeSlot(saved);
}

describe('slot codec', () => {
  test('gives back every field and every bit of the state', () => {
    assert.deepEqual(decodeSlot(encoded()), { kind: 'ok', saved });
  });

  test('calls a preallocated slot empty, at any length', () => {
    for (const length of [0, 1, 112, 1000]) {
      assert.deepEqual(decodeSlot(new Uint8Array(length)), { kind: 'empty' });
    }
  });

  test('detects every single bit flip', () => {
    const slot = encoded();
    for (let bit = 0; bit < 8 * slot.length; bit += 1) {
      const byte = bit >> 3;
      slot[byte] = (slot[byte] ?? 0) ^ (1 << (bit & 7));
      assert.equal(decodeSlot(slot).kind, 'damaged', `bit ${bit}`);
      slot[byte] = (slot[byte] ?? 0) ^ (1 << (bit & 7));
    }
    assert.equal(decodeSlot(slot).kind, 'ok');
  });

  test('detects every truncation and an extension', () => {
    const slot = encoded();
    for (let length = 1; length < slot.length; length += 1) {
      assert.equal(decodeSlot(slot.subarray(0, length)).kind, 'damaged', `${length} bytes`);
    }
    assert.equal(decodeSlot(Buffer.concat([slot, Buffer.alloc(4)])).kind, 'damaged');
  });

  test('detects a slot torn between an old and a new save at any byte', () => {
    const old = encoded();
    const fresh = encodeSlot({ ...saved, sequence: 7, state: saved.state.map((x) => x / 2 + 1) });
    for (let cut = 1; cut < old.length; cut += 1) {
      const torn = Buffer.concat([fresh.subarray(0, cut), old.subarray(cut)]);
      const kind = decodeSlot(torn).kind;
      assert.ok(kind === 'damaged' || torn.equals(fresh) || torn.equals(old), `cut at ${cut}`);
    }
  });

  test('does not read a state with a NaN in it, however well formed', () => {
    const slot = encodeSlot({ ...saved, state: Float32Array.of(Number.NaN) });
    assert.deepEqual(decodeSlot(slot), {
      kind: 'damaged',
      reason: 'its state holds NaN or Inf',
    });
  });

  test('does not read numbers that cannot be counted on from, or times that are none', () => {
    for (const fault of [
      { sequence: Number.MAX_SAFE_INTEGER },
      { sampleCount: 2 ** 60 },
      { savedAt: { ...saved.savedAt, epochMs: Number.NaN } },
      { savedAt: { ...saved.savedAt, bootMs: Infinity } },
      { lastSampleMs: -1e300 },
    ]) {
      const slot = encodeSlot({ ...saved, ...fault });
      assert.equal(decodeSlot(slot).kind, 'damaged', JSON.stringify(fault));
    }
  });

  test('does not read a name or what was learnt that is not within the slot, or is no text', () => {
    for (const [value, offset] of [
      [0xffffffff, 112],
      [1000, 112],
      [0xffffffff, 116],
      [1, 116],
      [0xffffffff, 144],
    ] as const) {
      const slot = encoded();
      slot.writeUInt32LE(value, offset);
      const end = slot.length - 4;
      slot.writeUInt32LE(crc32(slot.subarray(0, end)), end);
      assert.equal(decodeSlot(slot).kind, 'damaged', `${value} at ${offset}`);
    }
  });

  test('tells a state of which nothing was learnt, in a boot that nobody knows', () => {
    const without = { ...saved, learnt: null, savedAt: { ...saved.savedAt, bootId: null } };
    assert.deepEqual(decodeSlot(encodeSlot(without)), { kind: 'ok', saved: without });
  });

  test('refuses a hash that is none, and to keep more than was ever learnt', () => {
    assert.throws(() => encodeSlot({ ...saved, layoutHash: 'none' }), /not 32 bytes/);
    assert.throws(() => encodeSlot({ ...saved, learnt: { header: 'x'.repeat(5000) } }), /learnt/);
  });
});
