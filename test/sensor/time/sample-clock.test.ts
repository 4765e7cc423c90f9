import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TimeSource } from '#src/sensor/time/epoch-clock.js';
import { SampleClock } from '#src/sensor/time/sample-clock.js';
import { ReadBatch } from '#src/sensor/time/read-batch.js';

const epochMs = 1_763_880_000_000;

class FakeTime implements TimeSource {
  nowMs = 1000;
  offsetMs = epochMs;
  monotonicMs(): number {
    return this.nowMs;
  }
  epochMs(): number {
    return this.nowMs + this.offsetMs;
  }
}

const batch = new ReadBatch(1);

/** Epoch times of the samples of one read, less the epoch at monotonic zero. */
function read(clock: SampleClock, time: FakeTime, atMs: number, count: number): number[] {
  time.nowMs = atMs;
  batch.clear();
  for (let n = 0; n < count; n += 1) {
    batch.reserve();
    batch.keep(undefined);
  }
  clock.timeRead(batch, atMs);
  const timesMs = new Float64Array(count);
  clock.epochAll(batch.monotonicMs, count, timesMs);
  return Array.from(timesMs, (timeMs) => timeMs - epochMs);
}

describe('SampleClock', () => {
  test('gives the first sample the time of its arrival, and comes up to later ones slowly', () => {
    const time = new FakeTime();
    const clock = new SampleClock(100, { time });
    assert.deepEqual(read(clock, time, 1000, 1), [1000]);
    const [at = 0] = read(clock, time, 1011.5, 1);
    assert.ok(Math.abs(at - (1010 + 0.02 * 11.5)) < 1e-3, String(at));
    assert.deepEqual(read(clock, time, 1015, 1), [1015]);
  });

  test('spaces the samples of one read back by the period', () => {
    const time = new FakeTime();
    const clock = new SampleClock(100, { time });
    assert.deepEqual(read(clock, time, 1000, 3), [980, 990, 1000]);
    assert.deepEqual(read(clock, time, 1050, 2), [1040, 1050]);
  });

  test('never reaches back to the sample before, and always goes on', () => {
    const time = new FakeTime();
    const clock = new SampleClock(100, { time });
    let last = -Infinity;
    let lastMonotonic = -Infinity;
    const reads: [number, number][] = [[1000, 1], [1012, 4], [1012, 3], [1012, 1], [1012.1, 50], [1500, 9]]; // oxfmt-ignore
    for (const [atMs, count] of reads) {
      for (const [index, at] of read(clock, time, atMs, count).entries()) {
        assert.ok(at > last, `${at} after ${last}`);
        assert.ok((batch.monotonicMs[index] ?? 0) > lastMonotonic);
        last = at;
        lastMonotonic = batch.monotonicMs[index] ?? 0;
      }
    }
    assert.equal(last, 1500);
  });

  test('places no sample before the link was opened', () => {
    const time = new FakeTime();
    const clock = new SampleClock(100, { time });
    clock.opened();
    const times = read(clock, time, 1002, 4);
    assert.ok(
      times.every((atMs) => atMs > 1000 && atMs <= 1002),
      times.join(),
    );
  });

  test('keeps the distances of samples when the system clock is set', () => {
    const time = new FakeTime();
    const clock = new SampleClock(100, { time });
    read(clock, time, 1000, 1);
    const before = batch.monotonicMs[0] ?? 0;
    for (const jumpMs of [3_600_000, -30 * 86_400_000]) {
      time.offsetMs += jumpMs;
      const [at] = read(clock, time, time.nowMs + 10, 1);
      assert.equal(at, time.nowMs + time.offsetMs - epochMs);
    }
    assert.equal((batch.monotonicMs[0] ?? 0) - before, 20);
    assert.equal(clock.counters.steps, 2);
  });

  test('follows a drifting system clock without a step', () => {
    const time = new FakeTime();
    const clock = new SampleClock(100, { time });
    let [last = Number.NaN] = read(clock, time, 1000, 1);
    time.offsetMs += 500;
    for (let atMs = 1010; atMs <= 601_000; atMs += 10) {
      const [at = Number.NaN] = read(clock, time, atMs, 1);
      assert.ok(Math.abs(at - last - 10) < 0.011, `${at} after ${last}`);
      last = at;
    }
    assert.equal(last, 601_500);
    assert.equal(clock.counters.steps, 0);
  });

  test('calls a sample late after three periods, or what an adapter holds back', () => {
    assert.equal(new SampleClock(26).lateMs, 3000 / 26);
    assert.equal(new SampleClock(1000).lateMs, 20);
  });
});
