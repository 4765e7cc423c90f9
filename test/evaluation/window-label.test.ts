import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noLabel, WindowLabel, type LabelRule } from '#src/evaluation/window-label.js';

function labelsOf(rule: LabelRule, window: number, labels: readonly number[]): number[] {
  const windowLabel = new WindowLabel(rule, window);
  return labels.map((label) => {
    windowLabel.push(label);
    return windowLabel.label;
  });
}

describe('WindowLabel', () => {
  const labels = [0, 0, 0, 1, 1, 1, noLabel, 1, 2];

  test('last: that of the newest sample', () => {
    assert.deepEqual(labelsOf('last', 3, labels), labels);
  });

  test('majority: the most frequent one of the window, of several the newest', () => {
    assert.deepEqual(labelsOf('majority', 3, labels), [0, 0, 0, 0, 1, 1, 1, 1, 2]);
    assert.deepEqual(labelsOf('majority', 2, labels), [0, 0, 0, 1, 1, 1, noLabel, 1, 2]);
    assert.deepEqual(labelsOf('majority', 3, [1, noLabel, noLabel, 1, 1]), [
      1,
      noLabel,
      noLabel,
      noLabel,
      1,
    ]);
  });

  test('unchanged: none where the samples of the window differ', () => {
    assert.deepEqual(labelsOf('unchanged', 3, labels), [
      0,
      0,
      0,
      noLabel,
      noLabel,
      1,
      noLabel,
      noLabel,
      noLabel,
    ]);
  });

  test('forgets the window before where a new one begins', () => {
    const windowLabel = new WindowLabel('unchanged', 3);
    windowLabel.push(0);
    windowLabel.push(0);
    windowLabel.reset();
    windowLabel.push(1);
    assert.equal(windowLabel.label, 1);
  });
});
