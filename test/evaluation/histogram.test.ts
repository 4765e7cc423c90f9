import assert from 'node:assert/strict';
import { test } from 'node:test';
import { histogramsOf } from '#src/evaluation/histogram.js';

test('histogramsOf counts every number once, the highest in the last bin', () => {
  const kinds = [Float32Array.of(0, 0, 0.5, 1), Float32Array.of(9, 10), new Float32Array(0)];
  const [one, other, none] = histogramsOf(kinds);
  assert.deepEqual([one?.low, one?.high, one?.counts.length], [0, 10, 40]);
  assert.deepEqual([one?.counts[0], one?.counts[2], one?.counts[4]], [2, 1, 1]);
  assert.deepEqual([other?.counts[36], other?.counts[39]], [1, 1]);
  assert.deepEqual(
    [one, other].map((each) => each?.counts.reduce((sum, count) => sum + count, 0)),
    [4, 2],
  );
  assert.deepEqual(none, { low: null, high: null, counts: [] });
  assert.deepEqual(histogramsOf([Float32Array.of(3, 3)])[0]?.counts, [2]);
});
