import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf } from '#src/detection/register-survey.js';

/** A float32 as two registers hold it, the one with the higher bits first. */
function wordsOf(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value, 0);
  return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
}

test('whole numbers are floats beside a float, though their lower registers stand still', () => {
  const rounds = Array.from({ length: 40 }, (_, n) =>
    [(7 * n) % 11, 20 - (n % 5), 1000 + (n % 7)].flatMap(wordsOf),
  );
  const addresses = rounds[0]?.map((_, n) => 10 + n) ?? [];
  const { options, ranges, units } = findingOf({
    slave: 1,
    function: 3,
    addresses,
    rounds,
    lost: 0,
    roundsPerSecond: 20,
  });
  assert.deepEqual(options['registers'], {
    x: { address: 10, type: 'float32' },
    y: { address: 12, type: 'float32' },
    z: { address: 14, type: 'float32' },
  });
  assert.deepEqual(ranges, [
    { min: 0, max: 10 },
    { min: 16, max: 20 },
    { min: 1000, max: 1006 },
  ]);
  assert.deepEqual(units, ['mg', 'mg', 'mg']);
});
