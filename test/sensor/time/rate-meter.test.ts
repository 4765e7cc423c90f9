import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RateMeter } from '#src/sensor/time/rate-meter.js';

/** Feeds a rate for some seconds, in reads of so many rows, and returns when that ends. */
function feed(meter: RateMeter, hz: number, seconds: number, fromMs: number, rows = 1): number {
  const endMs = fromMs + 1000 * seconds;
  let atMs = fromMs;
  for (; atMs < endMs; atMs += (1000 * rows) / hz) {
    meter.add(rows, atMs);
  }
  return atMs;
}

describe('RateMeter', () => {
  for (const hz of [104, 6.5, 30, 0.5]) {
    test(`finds ${hz} rows a second where 26 are configured, within a minute`, () => {
      const meter = new RateMeter(26);
      feed(meter, hz, 30, 0);
      assert.equal(meter.verdict, 'other');
      assert.ok(Math.abs((meter.measuredHz ?? 0) - hz) < 0.03 * hz, String(meter.measuredHz));
    });
  }

  test('takes a few per cent, and rows that come in bunches, for the configured rate', () => {
    for (const hz of [24.5, 26, 27.5]) {
      const meter = new RateMeter(26);
      feed(meter, hz, 30, 0, 4);
      assert.equal(meter.verdict, 'asConfigured', String(hz));
    }
  });

  test('takes one pause or one burst for no other rate', () => {
    const meter = new RateMeter(26);
    const verdicts = new Set<string | undefined>();
    let atMs = feed(meter, 26, 11, 0);
    for (const [hz, seconds] of [
      [1, 6],
      [26, 11],
      [500, 1],
      [26, 20],
    ] as const) {
      atMs = feed(meter, hz, seconds, atMs);
      verdicts.add(meter.verdict);
    }
    assert.ok(!verdicts.has('other'));
    assert.equal(meter.verdict, 'asConfigured');
  });
});
