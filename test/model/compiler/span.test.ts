import assert from 'node:assert/strict';
import { test } from 'node:test';
import { samePadding } from '#src/model/compiler/span.js';

test('same padding puts the odd one of its steps after the window', () => {
  assert.deepEqual(samePadding(12, { size: 4, stride: 1, dilation: 1 }), { before: 1, after: 2 });
  assert.deepEqual(samePadding(12, { size: 3, stride: 2, dilation: 1 }), { before: 0, after: 1 });
  assert.deepEqual(samePadding(12, { size: 2, stride: 3, dilation: 1 }), { before: 0, after: 0 });
  assert.deepEqual(samePadding(null, { size: 3, stride: 1, dilation: 2 }), { before: 2, after: 2 });
  assert.equal(samePadding(null, { size: 3, stride: 2, dilation: 1 }), undefined);
});
