import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureCount } from '#src/base/failure-count.js';

test('failures and successes that take turns are logged once a minute, and each is counted', () => {
  let nowMs = 0;
  const failures = new FailureCount(() => nowMs);
  const logged: string[] = [];
  for (; nowMs < 150_000; nowMs += 50) {
    if (failures.failed()) {
      logged.push(`failed at ${nowMs}`);
    }
    const over = failures.succeeded();
    if (over > 0) {
      logged.push(`${over} over at ${nowMs}`);
    }
  }
  assert.deepEqual(logged, [
    'failed at 0',
    '1 over at 0',
    'failed at 60000',
    '1200 over at 60000',
    'failed at 120000',
    '1200 over at 120000',
  ]);
  assert.equal(failures.total, 3000);
});
