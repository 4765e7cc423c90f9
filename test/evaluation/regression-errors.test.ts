import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RegressionErrors } from '#src/evaluation/regression-errors.js';
import { assertNear, figures } from './figures.js';

describe('RegressionErrors', () => {
  for (const { values, targets, ...known } of figures.regressions) {
    test('gives the figures of scikit-learn', () => {
      const errors = new RegressionErrors();
      for (const [n, value] of values.entries()) {
        errors.add(value, targets[n] ?? Number.NaN);
      }
      const found = errors.figures();
      assert.equal(found.count, values.length);
      assertNear(
        [found.mae, found.rmse, found.bias, found.largestError, found.r2],
        [known.mae, known.rmse, known.bias, known.largestError, known.r2],
      );
    });
  }

  test('has none without values, and no r2 where the targets do not vary', () => {
    const errors = new RegressionErrors();
    assert.equal(errors.figures().rmse, null);
    errors.add(3, 2);
    errors.add(1, 2);
    assert.deepEqual([errors.figures().rmse, errors.figures().r2], [1, null]);
  });
});
