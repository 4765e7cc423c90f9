import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputOptionsOf } from '#src/agent/flagged-inputs.js';

test('features are counted from 1 where there are no names', () =>
  assert.deepEqual(inputOptionsOf({ feed: { a: ['3', '1'], b: ['2'] } }, undefined).inputs, {
    a: [2, 0],
    b: [1],
  }));

test('a number that is left out is named', () =>
  assert.throws(
    () => inputOptionsOf({ feed: { a: ['1'], b: ['3'] } }, undefined),
    /--feed: no input takes "2"/,
  ));

test('a number far beyond the features is answered at once', () =>
  assert.throws(
    () => inputOptionsOf({ feed: { a: ['1', '99999999999'] } }, undefined),
    /--feed: "99999999999" of a is no feature; there are: 1, 2, 3$/,
  ));
