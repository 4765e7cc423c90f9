import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datedPayload } from '#src/publish/prediction/dated-payload.js';

test('the time of a record, and those that a forecast is for, follow the clock', () => {
  const payload =
    '{"ts":1000,"boot":4,"seq":9,"forecast":{"ts":[1040,1080],"value":{"x":[1,2]}},"warm":true}';
  assert.deepEqual(JSON.parse(datedPayload(payload, 500.4, false)), {
    ts: 1500,
    boot: 4,
    seq: 9,
    forecast: { ts: [1540, 1580], value: { x: [1, 2] } },
    warm: true,
  });
});

test('a head that is called forecast is none', () => {
  const payload = '{"ts":1000,"heads":{"forecast":{"value":{"ts":[5]}}}}';
  assert.equal(
    datedPayload(payload, 1, true),
    '{"ts":1001,"tsUncertain":true,"heads":{"forecast":{"value":{"ts":[5]}}}}',
  );
  assert.equal(datedPayload(payload, 0, false), payload);
});
