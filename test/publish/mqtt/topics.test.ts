import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceTopics, streamTopics } from '#src/publish/mqtt/topics.js';

test('names topics by prefix, device and stream', () => {
  assert.deepEqual(deviceTopics('lstmd', 'press-07'), {
    status: 'lstmd/press-07/status',
    health: 'lstmd/press-07/health',
  });
  assert.deepEqual(streamTopics('plant/hall-3', 'press-07', 'spindle'), {
    prediction: 'plant/hall-3/press-07/spindle/prediction',
    event: 'plant/hall-3/press-07/spindle/event',
    info: 'plant/hall-3/press-07/spindle/info',
  });
});

test('refuses what cannot be a topic, by its name', () => {
  const faults: [string, string, string, RegExp][] = [
    ['', 'd', 's', /prefix ""/],
    ['a//b', 'd', 's', /prefix ""/],
    ['$SYS', 'd', 's', /prefix "\$SYS"/],
    ['a+', 'd', 's', /prefix "a\+"/],
    ['a', '', 's', /device ""/],
    ['a', 'd/e', 's', /device "d\/e"/],
    ['a', 'd', '#', /stream "#"/],
    ['a', 'd', 's\0', /stream "s\0"/],
    ['a', 'd', 'cmd', /stream "cmd".*commands/],
  ];
  for (const [prefix, device, stream, message] of faults) {
    assert.throws(() => streamTopics(prefix, device, stream), { code: 'config.invalid', message });
  }
});
