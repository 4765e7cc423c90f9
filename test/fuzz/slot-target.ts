import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { decodeSlot, encodeSlot } from '#src/state/slot-codec.js';
import type { Draw } from '../support/draw.js';
import type { FuzzTarget } from './fuzz-cases.js';

function anySlot(draw: Draw): Buffer {
  const state = draw.floats(draw.whole(0, 40), draw.one([1, 1e30]));
  const stream = draw.one(['', 'left', 'größe']);
  return encodeSlot({
    stream,
    modelSha256: 'ab'.repeat(32),
    layoutHash: '0f'.repeat(32),
    sequence: draw.whole(0, 2 ** 40),
    sampleCount: draw.whole(0, 2 ** 40),
    lastSampleMs: 1_763_880_000_000 + draw.whole(0, 1e9),
    savedAt: {
      epochMs: 1_763_880_000_000 + draw.whole(0, 1e9),
      bootMs: draw.whole(0, 1e9),
      bootId: draw.one([null, '5e'.repeat(16)]),
    },
    learnt: draw.one([null, { header: 'z,y,x' }]),
    state,
  });
}

function damaged(draw: Draw, slot: Buffer): Buffer {
  const bytes = Buffer.from(slot);
  for (let left = draw.whole(1, 4); left > 0; left -= 1) {
    const at = draw.whole(0, bytes.length - 1);
    // Every field of the header lies in the first 144 bytes.
    const where = draw.chance(0.7) ? at % 144 : at;
    bytes[where] = draw.chance(0.3) ? draw.one([0, 0x7f, 0x80, 0xff]) : draw.whole(0, 255);
  }
  if (draw.chance(0.1)) {bytes.writeDoubleLE(draw.one([Number.NaN, Infinity, -1e300, 1e17]), 32 + 8 * draw.whole(0, 1));} // oxfmt-ignore
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
    const { saved } = content;
    assert.ok(saved.state.every(Number.isFinite));
    // What is read can be written, compared, dated and counted on from.
    assert.deepEqual(decodeSlot(encodeSlot(saved)), content);
    assert.ok(saved.sequence + 1 > saved.sequence && saved.sampleCount + 1 > saved.sampleCount);
    assert.doesNotThrow(() => [new Date(saved.savedAt.epochMs).toISOString(), new Date(saved.lastSampleMs).toISOString()]); // oxfmt-ignore
    return 'ok';
  },
};
