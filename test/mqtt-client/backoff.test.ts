import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '#src/mqtt-client/backoff.js';

test('doubles its limit from the least to the most, with jitter over all of it', () => {
  const options = { minMs: 1000, maxMs: 30_000 };
  const limits = [1, 2, 3, 4, 5, 6, 7, 2000].map((n) => backoffMs(n, options, () => 1));
  assert.deepEqual(limits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(
    backoffMs(3, options, () => 0),
    0,
  );
  assert.equal(
    backoffMs(3, options, () => 0.5),
    2000,
  );
});
