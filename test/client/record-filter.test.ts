import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordFilter } from '#src/client/record-filter.js';

test('knows a record by kind, boot, number and name', () => {
  const filter = new RecordFilter();
  assert.ok(filter.isNew('prediction', 7, 1));
  assert.ok(!filter.isNew('prediction', 7, 1));
  assert.ok(filter.isNew('event', 7, 1, 'hot'));
  assert.ok(filter.isNew('event', 7, 1, 'cold'));
  assert.ok(!filter.isNew('event', 7, 1, 'hot'));
  assert.ok(filter.isNew('prediction', 8, 1));
});

test('remembers thousands of a boot, and the last boots', () => {
  const filter = new RecordFilter();
  for (let seq = 1; seq <= 8193; seq += 1) {
    filter.isNew('prediction', 1, seq);
  }
  assert.ok(!filter.isNew('prediction', 1, 2));
  assert.ok(filter.isNew('prediction', 1, 1));
  for (let boot = 2; boot <= 9; boot += 1) {
    filter.isNew('prediction', boot, 1);
  }
  assert.ok(filter.isNew('prediction', 1, 2));
});

test('tells the predictions that are missing, once it knows their distance', () => {
  const filter = new RecordFilter();
  assert.equal(filter.follows(1, 1), undefined);
  assert.equal(filter.follows(1, 31), undefined);
  filter.setStep(10);
  assert.equal(filter.follows(1, 41), undefined);
  assert.deepEqual(filter.follows(1, 81), { after: 41, count: 3 });
  // A process that began anew is no hole.
  assert.equal(filter.follows(2, 400), undefined);
});
