import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Conditioner } from '#src/sensor/conditioner.js';
import { seededRandom } from '../support/random.js';

const row = (...values: number[]): Float32Array => Float32Array.from(values);

describe('Conditioner', () => {
  test('passes every bit on when nothing is given', () => {
    const conditioner = new Conditioner(1);
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    const out = new Float32Array(1);
    const outBits = new Uint32Array(out.buffer);
    const edges = [0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x7f7fffff, 0x3f800000];
    for (let n = 0; n < 100_000; n += 1) {
      edges.push(Math.imul(n, 0x9e3779b1) >>> 0);
    }
    for (const pattern of edges) {
      bits[0] = pattern;
      if (!Number.isFinite(value[0])) {
        continue;
      }
      assert.ok(conditioner.apply(value, 0, out, 0));
      assert.equal(outBits[0], pattern);
    }
  });

  test('computes (reading * scale - mean) / std in float64 and rounds once', () => {
    const options = { scale: 0.001, mean: [0.1, -0.2, 0.3], std: [0.7, 0.9, 1.1] };
    const conditioner = new Conditioner(3, options);
    const out = new Float32Array(6);
    assert.ok(conditioner.apply(row(9, 9, 123, -4567, 16777215), 2, out, 3));
    const expected = [
      (123 * 0.001 - 0.1) / 0.7,
      (-4567 * 0.001 + 0.2) / 0.9,
      (16777215 * 0.001 - 0.3) / 1.1,
    ];
    assert.deepEqual(out, row(0, 0, 0, ...expected));
  });

  test('converts units before it scales, and bounds readings before both', () => {
    const options = { unitFactors: [9.80665, 0.001], scale: 2, mean: 1, min: -3 };
    const conditioner = new Conditioner(2, options);
    const out = new Float32Array(2);
    assert.ok(conditioner.apply(row(-3, 5000), 0, out, 0));
    assert.deepEqual(out, row(-3 * 9.80665 * 2 - 1, 5 * 2 - 1));
  });

  test('gives many rows the features of each alone, and counts nothing where one is refused', () => {
    const random = seededRandom(5);
    const all = [{}, { scale: 0.001, mean: [0.1, 0, 3] }, { std: [0.7, 1, 9], min: -50, max: 50 }];
    for (const options of all) {
      const alone = new Conditioner(3, options);
      const together = new Conditioner(3, options);
      const rows = Float32Array.from({ length: 30 }, () => 100 * random() - 50);
      const expected = new Float32Array(33);
      for (let at = 0; at < rows.length; at += 3) {
        assert.ok(alone.apply(rows, at, expected, 3 + at));
      }
      const out = new Float32Array(33);
      assert.ok(together.applyAll(rows, 10, out, 3));
      assert.deepEqual(out, expected);

      const { max = Infinity } = { max: undefined, ...options };
      for (const wrong of [Number.NaN, Infinity, -Infinity, max + 1]) {
        rows[16] = wrong;
        assert.equal(together.applyAll(rows, 10, out, 3), false);
        assert.equal(together.applyAll(rows, 5, out, 3), true);
      }
      assert.deepEqual(together.counters, { outOfRange: 0, nonFinite: 0 });
    }
    const below = new Conditioner(1, { min: -4 });
    assert.equal(below.applyAll(row(-4, -4.5), 2, row(0, 0), 0), false);
    const overflowing = new Conditioner(1, { scale: 1e30 });
    assert.equal(overflowing.applyAll(row(1, 1e30), 2, row(0, 0), 0), false);
  });

  test('refuses what is out of range or not finite, before and after, and counts it', () => {
    const conditioner = new Conditioner(2, { min: -4000, max: 4000 });
    const out = new Float32Array(2);
    assert.ok(conditioner.apply(row(-4000, 4000), 0, out, 0));
    assert.equal(conditioner.apply(row(0, 4000.5), 0, out, 0), false);
    assert.equal(conditioner.apply(row(-4001, 0), 0, out, 0), false);
    assert.equal(conditioner.apply(row(0, Number.NaN), 0, out, 0), false);
    assert.equal(conditioner.apply(row(Infinity, 0), 0, out, 0), false);
    assert.deepEqual(conditioner.counters, { outOfRange: 2, nonFinite: 2 });

    const overflowing = new Conditioner(1, { scale: 1e30 });
    assert.equal(overflowing.apply(row(1e30), 0, out, 0), false);
    assert.deepEqual(overflowing.counters, { outOfRange: 0, nonFinite: 1 });
  });

  test('refuses options that do not fit', () => {
    for (const options of [
      { std: 0 },
      { std: [1, 0, 1] },
      { mean: [0, 0] },
      { scale: Number.NaN },
    ]) {
      assert.throws(() => new Conditioner(3, options), { code: 'config.invalid' });
    }
  });
});
