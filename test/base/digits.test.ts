import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decimalsText, integerText } from '#src/base/digits.js';
import { seededRandom } from '../support/random.js';

describe('digits', () => {
  test('of a number are those that String gives', () => {
    const random = seededRandom(3);
    const edges = [0, 9, 10, 999, 1000, 1001, 999_999, 1_000_000, 1_763_880_000_000];
    const others = [
      -1,
      -1000,
      -0,
      0.5,
      1000.5,
      2 ** 53,
      1e21,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ];
    // Their quotients are the nearest to the next whole number, and the largest.
    const nearest = [2 ** 53 - 1, 1000 * Math.floor(2 ** 53 / 1000) - 1, 1000 * 2 ** 43 - 1];
    const drawn = Array.from({ length: 20_000 }, () => Math.floor(2 ** (53 * random())));
    for (const value of [...edges, ...others, ...nearest, ...drawn]) {
      assert.equal(integerText(value), String(value));
    }
  });

  test('of decimals are as many as asked for', () => {
    for (let count = 1; count <= 13; count += 1) {
      for (const value of [0, 7, 10 ** count - 1, 10 ** (count - 1), 10 ** (count - 1) + 1]) {
        if (value < 10 ** count) {
          assert.equal(decimalsText(value, count), String(value).padStart(count, '0'));
        }
      }
    }
  });
});
