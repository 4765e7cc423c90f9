import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketSizeLimit } from '#src/publish/mqtt/packet-size-limit.js';

/** A connection on which a small packet is answered, and the broker hangs up on another. */
function hangUp(limit: PacketSizeLimit, bytes: number, isByBroker = true): void {
  limit.answered(40);
  limit.connectionEnded(isByBroker, [bytes]);
}

test('a size on which the broker hangs up again and again is too large', () => {
  const limit = new PacketSizeLimit();
  assert.equal(limit.travelsAlone(2000), false);
  hangUp(limit, 2000);
  assert.equal(limit.travelsAlone(2000), true);
  assert.equal(limit.travelsAlone(40), false);
  hangUp(limit, 2000);
  hangUp(limit, 2003);
  assert.equal(limit.bytes, Infinity);
  hangUp(limit, 2001);
  assert.equal(limit.bytes, 1999);
  assert.equal(limit.travelsAlone(1500), false);
});

test('an answer acquits all that is as large', () => {
  const limit = new PacketSizeLimit();
  for (let n = 0; n < 3; n += 1) {
    hangUp(limit, 2000);
  }
  limit.answered(2000);
  for (let n = 0; n < 9; n += 1) {
    hangUp(limit, 2000);
  }
  assert.equal(limit.bytes, Infinity);
});

test('nothing is learned from connections that never worked, or that were given up', () => {
  const limit = new PacketSizeLimit();
  for (let n = 0; n < 9; n += 1) {
    limit.connectionEnded(true, [2000]);
    hangUp(limit, 2000, false);
  }
  assert.equal(limit.bytes, Infinity);
});

test('a learned bound is tried anew after a day, and learned again at once', () => {
  let nowMs = 0;
  const limit = new PacketSizeLimit(() => nowMs);
  for (let n = 0; n < 4; n += 1) {
    hangUp(limit, 2000);
  }
  assert.equal(limit.bytes, 1999);
  nowMs = 25 * 3_600_000;
  assert.equal(limit.bytes, Infinity);
  assert.equal(limit.travelsAlone(2000), true);
  hangUp(limit, 2000);
  assert.equal(limit.bytes, 1999);
});
