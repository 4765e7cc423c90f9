import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeriesSketch } from '#src/evaluation/series-sketch.js';

describe('SeriesSketch', () => {
  test('keeps a short series as it is', () => {
    const series = new SeriesSketch();
    for (const value of [1, Number.NaN, 3]) {
      series.add(value);
    }
    const { stretch, length, low, high } = series.sketch;
    assert.deepEqual([stretch, length], [1, 3]);
    assert.deepEqual([...low], [1, Number.NaN, 3]);
    assert.deepEqual(low, high);
  });

  test('keeps the lowest and the highest value of each stretch of a long one', () => {
    const series = new SeriesSketch();
    const values = Float32Array.from({ length: 3000 }, (_, n) => Math.sin(n ** 2));
    values[700] = Number.NaN;
    for (const value of values) {
      series.add(value);
    }
    const { stretch, length, low, high } = series.sketch;
    assert.deepEqual([stretch, length, low.length], [8, 3000, 375]);
    for (let n = 0; n < low.length; n += 1) {
      const own = [...values.subarray(n * stretch, (n + 1) * stretch)].filter(
        (value) => !Number.isNaN(value),
      );
      assert.equal(low[n], Math.min(...own));
      assert.equal(high[n], Math.max(...own));
    }
  });
});
