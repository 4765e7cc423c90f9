import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { decodeSlot, encodeSlot, slotBytes } from '#src/state/slot-codec.js';
import type { Draw } from '../support/draw.js';
import type { FuzzTarget } from './fuzz-cases.js';

function anySlot(draw: Draw): Buffer {
  const state = draw.floats(draw.whole(0, 40), draw.one([1, 1e30]));
  const stream = draw.one(['', 'left', 'größe']);
  const slot = Buffer.alloc(slotBytes(state.length, stream));
  encodeSlot(slot, {
    stream,
    modelSha256: 'ab'.repeat(32),
    layoutHash: '0f'.repeat(32),
    sequence: draw.whole(0, 2 ** 40),
    sampleCount: draw.whole(0, 2 ** 40),
    lastSampleMs: 1_763_880_000_000 + draw.whole(0, 1e9),
    savedMs: 1_763_880_000_000 + draw.whole(0, 1e9),
    state,
  });
  return slot;
}

function damaged(draw: Draw, slot: Buffer): Buffer {
  const bytes = Buffer.from(slot);
  for (let left = draw.whole(1, 4); left > 0; left -= 1) {
    const at = draw.whole(0, bytes.length - 1);
    // Every field of the header lies in the first 116 bytes.
    const where = draw.chance(0.7) ? at % 116 : at;
    bytes[where] = draw.chance(0.3) ? draw.one([0, 0x7f, 0x80, 0xff]) : draw.whole(0, 255);
  }
  if (draw.chance(0.1)) {bytes.writeDoubleLE(draw.one([Number.NaN, Infinity, -1e300, 1e17]), 32 + 8 * draw.whole(0, 1));} // prettier-ignore
  if (draw.chance(0.2)) {
    return bytes.subarray(0, draw.whole(0, bytes.length));
  }
  if (draw.chance(0.1)) {
    return Buffer.concat([bytes, Buffer.alloc(draw.whole(1, 8))]);
  }
  return bytes;
}

/** Slots that are damaged, some of them with a CRC that fits the damage. */
export const slotTarget: FuzzTarget = {
  name: 'slots',
  run(draw) {
    const bytes = damaged(draw, anySlot(draw));
    if (draw.chance(0.6) && bytes.length >= 4) {
      const end = bytes.length - 4;
      bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
    }
    const content = decodeSlot(bytes);
    if (content.kind !== 'ok') {
      return content.kind;
    }
    const { record } = content;
    assert.ok(record.state.every(Number.isFinite));
    // What is read can be written, compared, dated and counted on from. A slot of version 1 is
    // written as one of this version.
    const again = Buffer.alloc(slotBytes(record.state.length, record.stream));
    encodeSlot(again, record);
    if (bytes.readUInt32LE(8) === 1) {
      assert.deepEqual(decodeSlot(again), content);
    } else {
      assert.ok(again.equals(bytes));
    }
    assert.ok(record.sequence + 1 > record.sequence && record.sampleCount + 1 > record.sampleCount);
    assert.doesNotThrow(() => [new Date(record.savedMs).toISOString(), new Date(record.lastSampleMs).toISOString()]); // prettier-ignore
    return 'ok';
  },
};
