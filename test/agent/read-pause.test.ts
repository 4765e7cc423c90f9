import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadPause } from '#src/agent/read-pause.js';
import type { Publisher } from '#src/publish/outbox/contract/publisher.js';
import { Outbox } from '#src/publish/outbox/outbox.js';

class Sensor {
  pauseMs = 1e6;
  isPaused = false;
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
}

function setUp(connected: boolean) {
  const outbox = new Outbox({
    maxBytes: 1e6,
    maxAgeMs: 1e6,
    onDrained: () => pause.end(),
  });
  const publisher: Publisher = {
    start: () => {},
    recordsReady: () => {},
    setLatest: () => {},
    stop: () => Promise.resolve(),
    stats: { connected, connects: 1, refusals: 0 },
  };
  const pause = new ReadPause(outbox, publisher);
  const offer = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      outbox.offer({ stream: 'a', kind: 'prediction', payload: '{"ts":1}', qos: 1 });
    }
  };
  return { outbox, pause, offer, sensor: new Sensor() };
}

test('a sensor that floods is held while the broker is behind, until no record waits', () => {
  const { outbox, pause, offer, sensor } = setUp(true);
  offer(200);
  pause.stepped(100, sensor);
  assert.equal(sensor.isPaused, false);
  offer(100);
  pause.stepped(4, sensor);
  assert.equal(sensor.isPaused, false, 'its samples are read as they come');
  pause.stepped(100, sensor);
  assert.equal(sensor.isPaused, true);
  for (let n = 0; n < 299; n += 1) {
    outbox.take();
  }
  assert.equal(sensor.isPaused, true);
  outbox.take();
  assert.equal(sensor.isPaused, false);
});

test('it is held no longer than its link allows', async () => {
  const { pause, offer, sensor } = setUp(true);
  offer(300);
  sensor.pauseMs = 5;
  pause.stepped(100, sensor);
  assert.equal(sensor.isPaused, true);
  await new Promise<void>((resolve) => {
    sensor.resume = resolve;
  });
});

test('nothing is held without a broker, nor what cannot be', () => {
  const away = setUp(false);
  away.offer(300);
  away.pause.stepped(100, away.sensor);
  assert.equal(away.sensor.isPaused, false);
  const { pause, offer, sensor } = setUp(true);
  offer(300);
  sensor.pauseMs = 0;
  pause.stepped(100, sensor);
  assert.equal(sensor.isPaused, false);
});
