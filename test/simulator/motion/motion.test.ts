import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Activity, MotionModel, type MotionOptions } from '#src/simulator/motion/motion.js';

interface Recording {
  readonly values: Float32Array;
  readonly activities: readonly Activity[];
}

function record(options: MotionOptions, seconds: number): Recording {
  const motion = new MotionModel(options);
  const count = seconds * options.rateHz;
  const values = new Float32Array(3 * count);
  const activities: Activity[] = [];
  for (let n = 0; n < count; n += 1) {
    motion.next(values.subarray(3 * n, 3 * n + 3));
    activities.push(motion.activity);
  }
  return { values, activities };
}

/** Mean and standard deviation of |a|, in g. */
function magnitude(values: Float32Array): { mean: number; deviation: number } {
  const count = values.length / 3;
  let sum = 0;
  let squares = 0;
  for (let n = 0; n < count; n += 1) {
    const size = Math.hypot(...values.subarray(3 * n, 3 * n + 3)) / 1000;
    sum += size;
    squares += size * size;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(squares / count - mean * mean) };
}

describe('MotionModel', () => {
  test('gives the same readings for the same seed, and others for another', () => {
    const first = record({ seed: 1, rateHz: 26 }, 60);
    assert.deepEqual(record({ seed: 1, rateHz: 26 }, 60), first);
    assert.notDeepEqual(record({ seed: 2, rateHz: 26 }, 60).values, first.values);
  });

  test('gives whole mg within the range of the sensor, and reaches that range', () => {
    const { values } = record({ seed: 3, rateHz: 26, activity: 'running' }, 600);
    assert.ok(values.every((value) => Number.isInteger(value) && Math.abs(value) <= 4000));
    assert.ok(values.some((value) => Math.abs(value) === 4000));
  });

  test('starts without running and shows every activity within a minute', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const { activities } = record({ seed, rateHz: 26 }, 60);
      assert.notEqual(activities[0], 'running', `seed ${seed}`);
      assert.equal(new Set(activities).size, 3, `seed ${seed}`);
    }
  });

  test('stays 8 to 20 s in an activity', () => {
    const { activities } = record({ seed: 5, rateHz: 50 }, 3600);
    const changes = activities.flatMap((activity, n) =>
      n > 0 && activity !== activities[n - 1] ? [n / 50] : [],
    );
    assert.ok(changes.length > 3600 / 20 - 1);
    changes.forEach((at, index) => {
      const length = at - (changes[index - 1] ?? 0);
      assert.ok(length >= 7.9 && length <= 20.1, `${length} s`);
    });
  });

  test('holds the one activity asked for', () => {
    const { activities } = record({ seed: 6, rateHz: 26, activity: 'running' }, 120);
    assert.deepEqual([...new Set(activities)], ['running']);
  });

  // Bounds: the tenth and ninetieth percentile of the recordings that the model was matched to.
  const bounds = [
    { activity: 'stationary', mean: [0.98, 1.03], deviation: [0.003, 0.06] },
    { activity: 'walking', mean: [0.98, 1.08], deviation: [0.18, 0.47] },
    { activity: 'running', mean: [1.36, 2.2], deviation: [0.9, 1.21] },
  ] as const;
  for (const { activity, mean, deviation } of bounds) {
    for (const rateHz of [26, 50, 100]) {
      test(`moves like a person ${activity}, at ${rateHz} Hz`, () => {
        const found = magnitude(record({ seed: 7, rateHz, activity }, 600).values);
        assert.ok(found.mean >= mean[0] && found.mean <= mean[1], `mean ${found.mean}`);
        assert.ok(
          found.deviation >= deviation[0] && found.deviation <= deviation[1],
          `deviation ${found.deviation}`,
        );
      });
    }
  }

  test('does not jump where one activity passes into the next', () => {
    const rateHz = 100;
    const { values, activities } = record({ seed: 8, rateHz }, 1200);
    const still = activities.flatMap((activity, n) =>
      activity === 'stationary' && activities[n - 1] === 'walking' ? [n] : [],
    );
    assert.ok(still.length > 5);
    for (const n of still) {
      const before = values.subarray(3 * (n - 1), 3 * n);
      const after = values.subarray(3 * n, 3 * n + 3);
      const change = Math.hypot(...before.map((value, axis) => (after[axis] ?? 0) - value));
      assert.ok(change < 400, `${change} mg in 10 ms`);
    }
  });
});
