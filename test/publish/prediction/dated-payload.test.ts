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

test('each prediction of a batch is dated', () => {
  const batch = '{"ts":5,"boot":1,"seq":1,"predictions":[{"ts":5,"a":1},{"ts":6,"a":2}]}';
  assert.equal(
    datedPayload(batch, 1000, true),
    '{"ts":1005,"tsUncertain":true,"boot":1,"seq":1,"predictions":[{"ts":1005,"tsUncertain":true,"a":1},{"ts":1006,"tsUncertain":true,"a":2}]}',
  );
});
