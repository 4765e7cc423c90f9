import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Topics } from '#src/publish/mqtt/topics.js';

test('names topics by prefix, device and stream', () => {
  const { status, health } = new Topics('lstmd', 'press-07');
  assert.deepEqual([status, health], ['lstmd/press-07/status', 'lstmd/press-07/health']);
  assert.deepEqual(new Topics('plant/hall-3', 'press-07').stream('spindle'), {
    prediction: 'plant/hall-3/press-07/spindle/prediction',
    event: 'plant/hall-3/press-07/spindle/event',
    history: 'plant/hall-3/press-07/spindle/history',
    now: 'plant/hall-3/press-07/spindle/now',
    info: 'plant/hall-3/press-07/spindle/info',
    health: 'plant/hall-3/press-07/spindle/health',
  });
});

test('refuses what cannot be a topic, by its name', () => {
  const faults: [string, string, RegExp][] = [
    ['', 'd', /prefix ""/],
    ['a//b', 'd', /prefix "a\/\/b"/],
    ['$SYS', 'd', /prefix "\$SYS"/],
    ['a+', 'd', /prefix "a\+"/],
    ['a', '', /device ""/],
    ['a', 'd/e', /device "d\/e"/],
    ['a', 'd\0', /device "d\0"/],
  ];
  for (const [prefix, device, message] of faults) {
    assert.throws(() => new Topics(prefix, device), { code: 'config.invalid', message });
  }
});
