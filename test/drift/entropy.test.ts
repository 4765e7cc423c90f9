import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entropyOf } from '#src/drift/entropy.js';
import { assertNear } from '../evaluation/figures.js';

test('entropyOf is 0 for what is sure, and 1 where all are alike', () => {
  const rows = Float32Array.of(9, 0.25, 0.25, 0.25, 0.25, 1, 0, 0.5);
  assertNear([entropyOf(rows, 1, 4), entropyOf(rows, 5, 2)], [1, 0]);
  assertNear([entropyOf(rows, 7, 1), entropyOf(rows, 6, 1)], [1, 0]);
  assertNear(
    [entropyOf(Float32Array.of(0.5, 0.25, 0.25), 0, 3)],
    [(1.5 * Math.log(2)) / Math.log(3)],
  );
});

test('entropyOf knows what are no probabilities', () => {
  assert.equal(entropyOf(Float32Array.of(0.9, 0.9), 0, 2), null);
  assert.equal(entropyOf(Float32Array.of(1.5, -0.5), 0, 2), null);
  assert.equal(entropyOf(Float32Array.of(1.2), 0, 1), null);
});
