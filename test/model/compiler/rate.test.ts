import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everySample, meet, samePadding, spanned } from '#src/model/compiler/rate.js';

test('a span has as many outputs in a window as Keras says, and the samples that complete them', () => {
  const valid = { size: 3, stride: 2, dilation: 2, before: 0, after: 0 };
  assert.deepEqual(spanned(everySample(12), valid), { first: 4, stride: 2, count: 4 });
  const causal = { size: 3, stride: 1, dilation: 2, before: 4, after: 0 };
  assert.deepEqual(spanned(everySample(12), causal), { first: 0, stride: 1, count: 12 });
  const pool = { size: 2, stride: 2, dilation: 1, before: 0, after: 0 };
  assert.deepEqual(spanned({ first: 4, stride: 2, count: 4 }, pool), {
    first: 6,
    stride: 4,
    count: 2,
  });
  assert.equal(spanned(everySample(null), valid).count, null);
});

test('same padding, what is odd after', () => {
  assert.deepEqual(samePadding(12, { size: 4, stride: 1, dilation: 1 }), { before: 1, after: 2 });
  assert.deepEqual(samePadding(12, { size: 3, stride: 2, dilation: 1 }), { before: 0, after: 1 });
  assert.deepEqual(samePadding(12, { size: 2, stride: 3, dilation: 1 }), { before: 0, after: 0 });
  assert.deepEqual(samePadding(null, { size: 3, stride: 1, dilation: 2 }), { before: 2, after: 2 });
  assert.equal(samePadding(null, { size: 3, stride: 2, dilation: 1 }), undefined);
});

test('cadences that never meet', () => {
  const every = everySample(9);
  assert.ok(meet(every, { first: 5, stride: 4, count: 1 }));
  assert.ok(meet({ first: 1, stride: 2, count: 4 }, { first: 3, stride: 3, count: 2 }));
  assert.ok(!meet({ first: 1, stride: 2, count: 4 }, { first: 2, stride: 4, count: 2 }));
});
