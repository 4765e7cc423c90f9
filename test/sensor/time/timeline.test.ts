import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadBatch } from '#src/sensor/time/read-batch.js';
import { Timeline } from '#src/sensor/time/timeline.js';

const device = { counter: { modulus: 16 } };
/** A row that was lost. */
const lost = -1;

/** Places the rows of a read by their counts, and returns where they stand and what is missing before each. */
function place(timeline: Timeline, counts: readonly number[], mostMs = Infinity): object[] {
  const batch = new ReadBatch(1);
  for (const count of counts) {
    if (count === lost) {
      batch.lose();
    } else {
      batch.reserve();
      batch.stamp(undefined, count);
      batch.keep(undefined);
    }
  }
  timeline.place(batch, mostMs);
  return Array.from({ length: batch.count }, (_, row) => ({
    atMs: batch.positionMs[row],
    missing: batch.missingBefore(row),
  }));
}

test('rows that are counted one after the other stand where each alone does', () => {
  const counts = [3, 4, 5, 6, 9, 10, 11, 15, 0, 1, 2, 2, 3, 4, 12, 13];
  const together = new Timeline(10, device);
  const alone = new Timeline(10, device);
  assert.deepEqual(
    place(together, counts),
    counts.flatMap((count) => place(alone, [count])),
  );
  assert.deepEqual(
    [together.lastMs, together.lost, together.restarts],
    [alone.lastMs, alone.lost, alone.restarts],
  );
});

test('rows that were told as lost are not lost once more, wherever they stand in a read', () => {
  const timeline = new Timeline(10, device);
  place(timeline, [1, 2, lost, 4, 5, lost]);
  place(timeline, [7, 8, 9]);
  assert.equal(timeline.lost, 0);
  place(timeline, [11]);
  assert.equal(timeline.lost, 1);
});

test('a sensor whose count is ahead of the arrivals has begun anew', () => {
  const timeline = new Timeline(10, device);
  place(timeline, [1]);
  place(timeline, [2, 3, 4, 5], 35);
  assert.equal(timeline.restarts, 1);
});
