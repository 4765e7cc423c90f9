import assert from 'node:assert/strict';
import { test } from 'node:test';
import { histogramOf } from '#src/evaluation/histogram.js';

test('histogramOf counts every number once, the highest in the last bin', () => {
  const { low, high, counts } = histogramOf(Float32Array.of(0, 0, 0.5, 1, 10));
  assert.deepEqual([low, high, counts.length], [0, 10, 40]);
  assert.deepEqual(
    [counts[0], counts[2], counts[4], counts[39], counts.reduce((sum, count) => sum + count, 0)],
    [2, 1, 1, 1, 5],
  );
  assert.deepEqual(histogramOf(Float32Array.of(3, 3)).counts, [2]);
  assert.deepEqual(histogramOf(new Float32Array(0)).counts, []);
});
