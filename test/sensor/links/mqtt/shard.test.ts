import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardOf } from '#src/sensor/links/mqtt/shard.js';

const names = Array.from({ length: 3000 }, (_, n) => `band-${n}`);

test('devices are shared evenly, and of one more shard only its own move', () => {
  for (let shards = 2; shards <= 9; shards += 1) {
    const counts = new Map<number, number>();
    for (const name of names) {
      const shard = shardOf(name, shards);
      assert.ok(Number.isInteger(shard) && shard >= 1 && shard <= shards);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
      const before = shardOf(name, shards - 1);
      assert.ok(shard === before || shard === shards, `${name} moves from ${before} to ${shard}`);
    }
    assert.equal(counts.size, shards);
    for (const count of counts.values()) {
      assert.ok(Math.abs(count - 3000 / shards) < 0.2 * (3000 / shards), `${count} of ${shards}`);
    }
  }
});

test('the shard of a name never changes', () => {
  assert.deepEqual(
    ['left', 'right', '24:6f:28:aa', 'Wärme'].map((name) => shardOf(name, 4)),
    [2, 3, 3, 3],
  );
});
