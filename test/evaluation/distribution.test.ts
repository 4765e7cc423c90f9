import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Distribution } from '#src/evaluation/distribution.js';
import { quantile, ValueSample } from '#src/evaluation/value-sample.js';
import { assertNear, figures } from './figures.js';

function distributionOf(values: Iterable<number>) {
  const distribution = new Distribution();
  for (const value of values) {
    distribution.add(value);
  }
  return distribution.figures();
}

describe('Distribution', () => {
  for (const { values, mean, std, edges } of figures.distributions) {
    test('gives the figures of numpy', () => {
      const found = distributionOf(values);
      assert.equal(found.count, values.length);
      assertNear([found.mean, found.std], [mean, std]);
      assert.deepEqual(found.edges, edges);
      assert.equal(found.isSampled, false);
      for (const [bin, share] of found.shares.entries()) {
        const low = edges[bin] ?? 0;
        const inBin = values.filter(
          (value) => (bin === 0 ? value >= low : value > low) && value <= (edges[bin + 1] ?? 0),
        );
        assert.equal(share, inBin.length / values.length);
      }
    });
  }

  test('joins edges that are equal, as those of a saturated output', () => {
    const found = distributionOf([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    assert.deepEqual(found.edges, [0, Math.fround(0.2), 1]);
    assert.deepEqual(found.shares, [0.8, 0.2]);
  });

  test('has one bin for a constant, and none without numbers', () => {
    assert.deepEqual(distributionOf([7, 7]).edges, [7, 7]);
    assert.deepEqual(distributionOf([7, 7]).shares, [1]);
    assert.deepEqual(distributionOf([]).edges, []);
    assert.equal(distributionOf([]).mean, null);
  });

  test('keeps a sample of many numbers, whose shares are near to those of all', () => {
    const count = 600_000;
    const found = distributionOf(Array.from({ length: count }, (_, n) => Math.fround(n / count)));
    assert.equal(found.isSampled, true);
    assert.equal(found.count, count);
    assert.ok(found.shares.every((share) => Math.abs(share - 0.1) < 0.001));
    assert.ok(found.edges.every((edge, n) => Math.abs(edge - n / 10) < 0.005));
  });
});

function sampleOf(count: number): Float32Array {
  const sample = new ValueSample(50);
  for (let n = 0; n < count; n += 1) {
    sample.add(n);
  }
  return sample.sorted();
}

describe('ValueSample', () => {
  test('is the same for the same values', () => {
    assert.deepEqual(sampleOf(1000), sampleOf(1000));
    assert.equal(sampleOf(1000).length, 50);
  });

  test('quantiles are those of numpy', () => {
    for (const { values, median } of figures.distributions) {
      assertNear([quantile(Float32Array.from(values).sort(), 0.5)], [median]);
    }
    assert.equal(quantile(new Float32Array(0), 0.5), null);
  });
});
