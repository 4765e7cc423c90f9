import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockFaultWatch } from '#src/sensor/clock-fault-watch.js';
import type { DeviceClock } from '#src/sensor/decoders/decoder.js';
import { ReadBatch } from '#src/sensor/time/read-batch.js';
import { SampleClock } from '#src/sensor/time/sample-clock.js';
import { decoderOf } from './decoders/frame-cases.js';

/** Returns what is said of rows at 100 Hz with these times and counts of the sensor's own. */
function said(device: DeviceClock, timeMs: (n: number) => number, counter = timeMs): string[] {
  const lines: string[] = [];
  const clock = new SampleClock(100, { device });
  const watch = new ClockFaultWatch(clock, device, (_, message) => lines.push(message));
  const batch = new ReadBatch(1);
  for (let n = 0; n < 1000; n += 1) {
    batch.clear();
    batch.reserve();
    batch.stamp(timeMs(n), counter(n));
    batch.keep(undefined);
    clock.timeRead(batch, 10 * n);
    watch.look();
  }
  return lines;
}

test('says once that the unit of the time is another, and which', () => {
  const csv = decoderOf({ decoder: 'csv', timeColumn: 0 }).deviceClock;
  const lines = said(csv, (n) => 10_000 * n);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /goes 1000 times as fast .*timed by their arrival/);
  assert.match(lines[0] ?? '', /set sensor\.timeUnit to us, it is ms now$/);

  const json = decoderOf({ decoder: 'jsonl', timePath: 't', timeUnit: 's' }).deviceClock;
  assert.match(said(json, (n) => 10_000 * n).join(), /set sensor\.timeUnit to ms, it is s now/);

  const frame = { sync: 'aa', frame: ['i16 x', 'i16 y', 'i16 z', 'u32 timeUs'] };
  const binary = decoderOf({ decoder: 'binary', ...frame, endian: 'little', checksum: 'sum8' });
  assert.match(
    said(binary.deviceClock, (n) => 0.01 * n).join(),
    /1000 times as slowly .*write timeMs for timeUs in sensor\.frame/,
  );
});

test('says what a counter that does not count rows may be', () => {
  const { deviceClock } = decoderOf({ decoder: 'cobs' });
  assert.match(
    said(deviceClock, (n) => 10 * n).join(),
    /rises 10 a row, 10\d\d a second, where 10\d/,
  );
  assert.match(said(deviceClock, () => 1).join(), /rises 0 a row/);
  assert.deepEqual(said(deviceClock, (n) => n), []); // oxfmt-ignore
});
