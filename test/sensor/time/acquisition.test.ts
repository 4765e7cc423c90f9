import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeviceClock } from '#src/sensor/decoders/decoder.js';
import { ReadBatch } from '#src/sensor/time/read-batch.js';
import { SampleClock } from '#src/sensor/time/sample-clock.js';
import { seededRandom } from '../../support/random.js';

/** One sample as a sensor made it. */
interface Made {
  /** When it was acquired, by this machine's clock. */
  readonly trueMs: number;
  readonly deviceMs?: number;
  readonly counter?: number;
}

/** Holds what became of it: the time it was given, and why a gap is before it. */
interface Timed extends Made {
  readonly atMs: number;
  readonly gap: string | undefined;
}

/** Samples that go through a link, whose reads end at the times that `arrivalOf` gives, and a clock. */
class Line {
  readonly clock: SampleClock;
  readonly timed: Timed[] = [];
  readonly #batch = new ReadBatch(1);
  #lastMs = -Infinity;

  constructor(rateHz: number, device: DeviceClock = {}) {
    this.clock = new SampleClock(rateHz, {
      device,
      time: { monotonicMs: () => 0, epochMs: () => 0 },
    });
  }

  /** @param arrivalOf when the read comes that brings a sample; those with the same arrival come together */
  send(samples: readonly Made[], arrivalOf: (trueMs: number) => number): this {
    for (let first = 0; first < samples.length;) {
      const arrivalMs = arrivalOf(samples[first]?.trueMs ?? 0);
      let end = first;
      this.#batch.clear();
      for (; end < samples.length && arrivalOf(samples[end]?.trueMs ?? 0) === arrivalMs; end += 1) {
        this.#batch.reserve();
        this.#batch.stamp(samples[end]?.deviceMs, samples[end]?.counter);
        this.#batch.keep(undefined);
      }
      this.clock.timeRead(this.#batch, arrivalMs);
      for (let n = first; n < end; n += 1) {
        const atMs = this.#batch.monotonicMs[n - first] ?? Number.NaN;
        assert.ok(atMs > this.#lastMs, `${atMs} after ${this.#lastMs}`);
        assert.ok(atMs <= arrivalMs + 1e-6, `${atMs} is younger than its arrival ${arrivalMs}`);
        this.#lastMs = atMs;
        const sample = samples[n] ?? { trueMs: 0 };
        this.timed.push({ ...sample, atMs, gap: this.#batch.missingBefore(n - first) });
      }
      first = end;
    }
    return this;
  }

  /** The largest and the mean distance of times from the true ones, from a moment on. */
  errors(fromMs: number): { largest: number; mean: number } {
    const errors = this.timed
      .filter(({ trueMs }) => trueMs >= fromMs)
      .map(({ atMs, trueMs }) => Math.abs(atMs - trueMs));
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    return { largest: Math.max(...errors), mean };
  }

  /** The largest distance of two neighbours from the period, from a moment on. */
  unevenness(fromMs: number, periodMs: number): number {
    const times = this.timed.filter(({ trueMs }) => trueMs >= fromMs).map(({ atMs }) => atMs);
    return Math.max(...times.slice(1).map((at, n) => Math.abs(at - (times[n] ?? at) - periodMs)));
  }

  get gaps(): string[] {
    return this.timed.flatMap(({ gap }) => gap ?? []);
  }
}

/** @param marksOf what the sensor says of the time of its n-th sample */
function made(
  count: number,
  periodMs: number,
  startMs = 1000,
  marksOf: (n: number, trueMs: number) => Omit<Made, 'trueMs'> = () => ({}),
): Made[] {
  return Array.from({ length: count }, (_, n) => {
    const trueMs = startMs + n * periodMs;
    return { trueMs, ...marksOf(n, trueMs) };
  });
}

/** An FTDI adapter hands over what it has every 16 ms. */
const bunched = (trueMs: number): number => 16 * Math.ceil(trueMs / 16);

describe('SampleClock reconstructs times', () => {
  for (const [rateHz, ppm] of [
    [100, 0],
    [100, 400],
    [100, -2000],
    [200, 20_000],
    [52, -15_000],
    [1000, 300],
  ] as const) {
    // oxfmt-ignore
    test(`of ${rateHz} Hz that is off by ${ppm} ppm, out of reads every 16 ms`, () => {
      const periodMs = 1000 / rateHz / (1 + ppm * 1e-6);
      const line = new Line(rateHz).send(made(60 * rateHz, periodMs), bunched);
      const { driftPpm, jitterMs } = line.clock.timing;
      assert.deepEqual(line.gaps, []);
      assert.ok(Math.abs((driftPpm ?? Number.NaN) - ppm) < 100, `${driftPpm} ppm`);
      // At 1000 Hz the last sample of every read is as late as that of any other.
      assert.ok(jitterMs !== null && jitterMs < 6, `jitter ${jitterMs}`);
      assert.ok(rateHz > 100 || jitterMs > 2, `jitter ${jitterMs}`);
      const { largest, mean } = line.errors(30_000);
      assert.ok(mean < 2 && largest < 3, `off by ${mean} ms, ${largest} at most`);
      const uneven = line.unevenness(30_000, periodMs);
      assert.ok(uneven < 1.5, `uneven by ${uneven} ms`);
    });
  }

  test('of a stalled process, which reads late and much at once', () => {
    const line = new Line(100).send(made(4000, 10), (trueMs) =>
      trueMs > 20_000 && trueMs < 20_300 ? 20_300 : bunched(trueMs),
    );
    assert.deepEqual(line.gaps, []);
    assert.ok(line.errors(15_000).largest < 3, String(line.errors(15_000).largest));
  });

  test('of a sensor that paused: a gap, and times that go on from its end', () => {
    const line = new Line(100).send(made(1000, 10), bunched).send(made(1000, 10, 11_500), bunched);
    assert.deepEqual(line.gaps, ['late']);
    const [before, after] = [line.timed[999], line.timed[1000]];
    assert.ok(Math.abs((after?.atMs ?? 0) - (before?.atMs ?? 0) - 510) < 17);
    assert.ok(line.errors(15_000).largest < 5);
  });

  test('by the clock of the sensor, whatever the arrivals', () => {
    const draw = seededRandom(5);
    const delays = new Map<number, number>();
    let busyUntilMs = 0;
    const samples = Array.from({ length: 3000 }, (_, n): Made => {
      // Uneven on purpose: a loop with a delay in it.
      const trueMs = 1000 + 10 * n + 3 * Math.sin(n);
      busyUntilMs = Math.max(busyUntilMs, trueMs + 40 * draw() ** 4);
      delays.set(trueMs, busyUntilMs);
      // A clock of 200 ppm too fast, that begins anew every 5 s.
      return { trueMs, deviceMs: ((trueMs - 900) * 1.0002) % 5000 };
    });
    const line = new Line(100, { time: { wrapMs: 5000 } }).send(
      samples,
      (trueMs) => delays.get(trueMs) ?? trueMs,
    );
    assert.deepEqual(line.gaps, []);
    assert.equal(line.clock.timing.source, 'deviceTime');
    assert.ok(Math.abs((line.clock.timing.driftPpm ?? 0) - 200) < 100);
    assert.ok(line.errors(15_000).largest < 1.5, String(line.errors(15_000).largest));
  });

  test('by counter or clock, with no sample counted twice that came damaged', () => {
    const clocks: DeviceClock[] = [
      { counter: { modulus: 65_536 } },
      { time: { wrapMs: undefined } },
    ];
    for (const device of clocks) {
      const time = { monotonicMs: () => 0, epochMs: () => 0 };
      const clock = new SampleClock(100, { device, time });
      const batch = new ReadBatch(1);
      const timesMs: number[] = [];
      const read = (arrivalMs: number, ...counts: ('damaged' | number)[]): void => {
        batch.clear();
        for (const count of counts) {
          if (count === 'damaged') {
            batch.lose();
          } else {
            batch.reserve();
            batch.stamp(10 * count, count);
            batch.keep(undefined);
          }
        }
        clock.timeRead(batch, arrivalMs);
        timesMs.push(...batch.monotonicMs.subarray(0, batch.count));
      };
      read(1010, 0, 1);
      // The third came damaged, the fifth not at all; and the seventh damaged, alone and at the end of a read.
      read(1050, 'damaged', 3, 5);
      read(1070, 6, 'damaged');
      read(1080, 'damaged');
      read(1100, 9, 10);
      assert.equal(clock.counters.lost, 1, JSON.stringify(device));
      const steps = timesMs.slice(1).map((timeMs, n) => Math.round(timeMs - (timesMs[n] ?? 0)));
      assert.deepEqual(steps, [10, 20, 20, 10, 30, 10]);
    }
  });

  test('by the counter of the sensor, with the length of what was lost', () => {
    const samples = made(3000, 10, 1000, (n) => ({ counter: (250 + n) % 256 })).filter(
      (_, n) => n % 1000 < 990,
    );
    const line = new Line(100, { counter: { modulus: 256 } }).send(samples, bunched);
    assert.deepEqual(line.gaps, ['lost', 'lost']);
    assert.equal(line.clock.counters.lost, 20);
    const second = line.timed.findIndex(({ gap }, n) => gap === 'lost' && n > 1000);
    const [before, after] = [line.timed[second - 1]?.atMs ?? 0, line.timed[second]?.atMs ?? 0];
    assert.ok(Math.abs(after - before - 110) < 0.5, String(after - before));
    assert.ok(line.errors(15_000).largest < 3);
  });

  test('of a sensor whose clock shows that samples are missing', () => {
    const samples = made(500, 10, 1000, (_, deviceMs) => ({ deviceMs })).filter(
      (_, n) => n !== 300 && n !== 400 && n !== 401,
    );
    const line = new Line(100, { time: { wrapMs: undefined } }).send(samples, bunched);
    assert.deepEqual(line.gaps, ['lost', 'lost']);
    assert.equal(line.clock.counters.lost, 3);
  });

  test('of a sensor that began anew while its link stayed open', () => {
    const first = made(300, 10, 1000, (n) => ({ counter: 5000 + n }));
    const second = made(300, 10, 4300, (n) => ({ counter: n }));
    const line = new Line(100, { counter: { modulus: 65_536 } });
    line.send([...first, ...second], bunched);
    assert.deepEqual(line.gaps, ['deviceRestarted']);
    assert.deepEqual(line.clock.counters, { steps: 0, restarts: 1, lost: 0 });
    assert.ok(line.errors(5000).largest < 17);
  });

  test('of a sensor whose count went round while it was silent', () => {
    const first = made(300, 10, 1000, (n) => ({ counter: n % 256 }));
    // 1024 samples are missing, which the counter alone cannot show.
    const second = made(600, 10, 14_240, (n) => ({ counter: (300 + n) % 256 }));
    const line = new Line(100, { counter: { modulus: 256 } }).send([...first, ...second], bunched);
    assert.deepEqual(line.gaps, ['late']);
    assert.ok(line.errors(17_000).largest < 17, String(line.errors(17_000).largest));
  });

  test('of rows between which some tell nothing', () => {
    const samples = made(300, 10, 1000, (n, deviceMs) => (n % 7 === 3 ? {} : { deviceMs }));
    const line = new Line(100, { time: { wrapMs: undefined } }).send(samples, bunched);
    assert.deepEqual(line.gaps, []);
    assert.ok(line.unevenness(2000, 10) < 1.5);
  });
});

describe('a sensor whose own time contradicts the arrivals', () => {
  const everyMs = 10;
  const rows = 1500;
  const sent = (
    device: DeviceClock,
    make: (n: number) => Omit<Made, 'trueMs'>,
    arrives: (n: number) => boolean = () => true,
  ): Line => {
    const samples = Array.from({ length: rows }, (_, n) => ({ trueMs: everyMs * n, ...make(n) }));
    return new Line(100, device).send(
      samples.filter((_, n) => arrives(n)),
      (trueMs) => 16 * Math.ceil(trueMs / 16),
    );
  };
  const wrongUnits: readonly [string, DeviceClock, (n: number) => Omit<Made, 'trueMs'>, number][] =
    [
      ['us taken for ms', { time: { wrapMs: 2 ** 32 } }, (n) => ({ deviceMs: 10_000 * n }), 1000],
      ['ms taken for us', { time: { wrapMs: 2 ** 32 } }, (n) => ({ deviceMs: 0.01 * n }), 0.001],
      ['a clock that stands', { time: { wrapMs: undefined } }, () => ({ deviceMs: 7 }), 0],
      ['a counter of another clock', { counter: { modulus: 65_536 } }, (n) => ({ counter: (10 * n) % 65_536 }), 10], // oxfmt-ignore
      ['a counter that stands', { counter: { modulus: 256 } }, () => ({ counter: 3 }), 0],
    ];
  for (const [name, device, make, ratio] of wrongUnits) {
    test(`${name}: is found out, and then no sample is missing`, () => {
      const { clock, timed } = sent(device, make);
      assert.equal(clock.fault?.ratio.toPrecision(2), ratio.toPrecision(2));
      assert.equal(clock.timing.source, 'arrival');
      const after = timed.filter(({ trueMs }) => trueMs > 6000);
      assert.deepEqual(
        after.filter(({ gap }) => gap !== undefined),
        [],
      );
      for (const { atMs, trueMs } of after) {
        assert.ok(Math.abs(atMs - trueMs) < 40, `${atMs} for ${trueMs}`);
      }
    });
  }

  test('is none where rows are lost, a board begins anew, or the rate alone is another', () => {
    const counter = { counter: { modulus: 256 } };
    const third = sent(counter, (n) => ({ counter: n % 256 }), (n) => n % 3 === 0); // oxfmt-ignore
    assert.equal(third.clock.fault, undefined);
    assert.equal(third.clock.counters.lost > 900, true);
    const anew = sent({ time: { wrapMs: 2 ** 32 } }, (n) => ({ deviceMs: 10 * (n % 450) }));
    assert.equal(anew.clock.fault, undefined);
    const twice = sent(counter, (n) => ({ counter: (n >> 1) % 256 }), (n) => n % 2 === 0); // oxfmt-ignore
    assert.equal(twice.clock.fault, undefined);
    assert.equal(twice.clock.counters.lost, 0);
  });

  test('is trusted again once its time is as it should be', () => {
    const device = { time: { wrapMs: 2 ** 32 } };
    const { clock } = sent(device, (n) => ({ deviceMs: n < 600 ? 10_000 * n : 10 * n }));
    assert.equal(clock.fault, undefined);
    assert.equal(clock.timing.source, 'deviceTime');
  });
});
