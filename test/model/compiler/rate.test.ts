import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coincide, everySample, rateAfter } from '#src/model/compiler/rate.js';

test('a span has as many outputs in a window as Keras says, and the samples that complete them', () => {
  const valid = { size: 3, stride: 2, dilation: 2, before: 0, after: 0 };
  assert.deepEqual(rateAfter(valid, everySample(12)), { first: 4, stride: 2, count: 4 });
  const causal = { size: 3, stride: 1, dilation: 2, before: 4, after: 0 };
  assert.deepEqual(rateAfter(causal, everySample(12)), { first: 0, stride: 1, count: 12 });
  const pool = { size: 2, stride: 2, dilation: 1, before: 0, after: 0 };
  assert.deepEqual(rateAfter(pool, { first: 4, stride: 2, count: 4 }), {
    first: 6,
    stride: 4,
    count: 2,
  });
  assert.equal(rateAfter(valid, everySample(null)).count, null);
});

test('two rates coincide where their strides reach a common sample', () => {
  const every = everySample(9);
  assert.ok(coincide(every, { first: 5, stride: 4, count: 1 }));
  assert.ok(coincide({ first: 1, stride: 2, count: 4 }, { first: 3, stride: 3, count: 2 }));
  assert.ok(!coincide({ first: 1, stride: 2, count: 4 }, { first: 2, stride: 4, count: 2 }));
});
