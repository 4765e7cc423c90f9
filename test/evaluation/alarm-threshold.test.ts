import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alarmThreshold, nextFloat } from '#src/evaluation/alarm-threshold.js';

describe('alarmThreshold', () => {
  const normal = Float32Array.from({ length: 200 }, (_, n) => n / 200);
  const abnormal = Float32Array.from({ length: 50 }, (_, n) => 0.75 + n / 100);

  test('allows no more false alarms than were asked for, and not fewer', () => {
    for (const rate of [0, 0.005, 0.01, 0.1, 0.5]) {
      const found = alarmThreshold(normal, abnormal, rate);
      assert.equal(found?.falseAlarmRate, rate);
      const alarms = abnormal.filter((score) => score >= (found?.threshold ?? 0));
      assert.equal(found?.hitRate, alarms.length / abnormal.length);
    }
  });

  test('counts equal scores together', () => {
    const scores = Float32Array.of(0, 0.5, 0.5, 0.5, 1);
    assert.equal(alarmThreshold(scores, abnormal, 0.4)?.falseAlarmRate, 0.2);
    assert.equal(alarmThreshold(scores, abnormal, 0.8)?.falseAlarmRate, 0.8);
  });

  test('lets every score be an alarm where that was asked for', () => {
    assert.equal(alarmThreshold(normal, abnormal, 1)?.falseAlarmRate, 1);
  });

  test('knows none without normal scores, and no hits without others', () => {
    assert.equal(alarmThreshold(new Float32Array(0), abnormal, 0.1), null);
    assert.equal(alarmThreshold(normal, new Float32Array(0), 0.1)?.hitRate, null);
  });
});

test('nextFloat is the next float32, also below zero', () => {
  for (const value of [0, 1, -1, 0.1, -0.1, 2 ** -149, 1e30].map(Math.fround)) {
    const next = nextFloat(value);
    assert.equal(Math.fround(next), next);
    assert.ok(next > value);
    const between = Math.fround((value + next) / 2);
    assert.ok(between === value || between === next);
  }
});
