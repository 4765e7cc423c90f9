import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { z } from '#src/config/option-types.js';
import { Resampler } from '#src/sensor/resampler.js';
import { projectFile } from '../support/project.js';

const matrix = z.array(z.array(z.number()));
/** Holds what golden/make.py beside this file wrote. */
const golden = z
  .array(
    z.object({
      fromHz: z.number(),
      toHz: z.number(),
      timesMs: z.array(z.number()),
      readings: matrix,
      gridMs: z.array(z.number()),
      taken: matrix,
    }),
  )
  .parse(JSON.parse(readFileSync(projectFile('test/sensor/golden/resampled.json'), 'utf8')));

/** Rows of two axes that a resampler gives, in reads of so many rows. */
function taken(
  resampler: Resampler,
  { readings, timesMs }: { readings: number[][]; timesMs: number[] },
  readSize: number,
): { values: number[]; timesMs: number[] } {
  const values: number[] = [];
  const times: number[] = [];
  for (let first = 0; first < readings.length; first += readSize) {
    const read = readings.slice(first, first + readSize);
    const count = resampler.run(
      Float32Array.from(read.flat()),
      Float64Array.from(timesMs.slice(first, first + readSize)),
      read.length,
    );
    values.push(...resampler.values.subarray(0, 2 * count));
    times.push(...resampler.monotonicMs.subarray(0, count));
  }
  return { values, timesMs: times };
}

describe('Resampler gives what scipy and numpy give', () => {
  for (const one of golden) {
    for (const readSize of [1, 7, 1000]) {
      test(`from ${one.fromHz} to ${one.toHz} Hz, in reads of ${readSize}`, () => {
        const resampler = new Resampler(2, one.fromHz, one.toHz);
        // A stretch before a gap leaves nothing behind.
        taken(resampler, { readings: one.readings.slice(0, 200), timesMs: one.timesMs }, readSize);
        resampler.reset();
        const { values, timesMs } = taken(resampler, one, readSize);
        assert.ok(Math.abs(timesMs.length - one.gridMs.length) <= 1);
        for (const [n, expectedMs] of one.gridMs.entries()) {
          assert.ok(Math.abs((timesMs[n] ?? 0) - expectedMs) < 1e-6, `time ${n}`);
          for (const [axis, expected] of (one.taken[n] ?? []).entries()) {
            const value = values[2 * n + axis] ?? Number.NaN;
            assert.ok(Math.abs(value - expected) < 2e-7, `row ${n}: ${value}, not ${expected}`);
          }
        }
      });
    }
  }
});
