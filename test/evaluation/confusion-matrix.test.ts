import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfusionMatrix } from '#src/evaluation/confusion-matrix.js';
import { assertNear, figures } from './figures.js';

describe('ConfusionMatrix', () => {
  for (const [n, known] of figures.confusions.entries()) {
    test(`gives the figures of scikit-learn (${n})`, () => {
      const matrix = new ConfusionMatrix(known.classes);
      for (const [at, label] of known.labels.entries()) {
        matrix.add(label, known.predicted[at] ?? -1);
      }
      assert.deepEqual(matrix.rows(), known.rows);
      const classes = matrix.figures();
      assertNear(
        classes.map(({ support }) => support),
        known.support,
      );
      assertNear(
        classes.map(({ precision }) => precision),
        known.precision,
      );
      assertNear(
        classes.map(({ recall }) => recall),
        known.recall,
      );
      assertNear(
        classes.map(({ f1 }) => f1),
        known.f1,
      );
      assertNear(
        [matrix.accuracy, matrix.balancedAccuracy, matrix.macroF1, matrix.correlation],
        [known.accuracy, known.balancedAccuracy, known.macroF1, known.correlation],
      );
    });
  }

  test('has no figures where nothing was counted', () => {
    const matrix = new ConfusionMatrix(2);
    assert.deepEqual(
      [matrix.accuracy, matrix.balancedAccuracy, matrix.macroF1, matrix.correlation],
      [null, null, null, null],
    );
  });

  test('adds what another counted', () => {
    const [one, other] = [new ConfusionMatrix(2), new ConfusionMatrix(2)];
    one.add(0, 1);
    other.add(0, 1);
    other.add(1, 1);
    one.addAll(other);
    assert.deepEqual(one.rows(), [
      [0, 2],
      [0, 1],
    ]);
  });
});
