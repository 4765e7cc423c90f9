import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integerText } from '#src/base/integer-text.js';
import { seededRandom } from '../support/random.js';

test('the text of a number is that which String gives', () => {
  const random = seededRandom(3);
  const edges = [0, 9, 10, 999, 1000, 1001, 999_999, 1_000_000, 1_763_880_000_000];
  const others = [-1, -1000, -0, 0.5, 1000.5, 2 ** 53, 1e21, Number.NaN, Number.POSITIVE_INFINITY];
  // Their quotients are the nearest to the next whole number, and the largest.
  const nearest = [2 ** 53 - 1, 1000 * Math.floor(2 ** 53 / 1000) - 1, 1000 * 2 ** 43 - 1];
  const drawn = Array.from({ length: 20_000 }, () => Math.floor(2 ** (53 * random())));
  for (const value of [...edges, ...others, ...nearest, ...drawn]) {
    assert.equal(integerText(value), String(value));
  }
});
