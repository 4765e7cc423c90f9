import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  areaUnderRoc,
  averagePrecision,
  precisionRecallCurve,
  rocCurve,
} from '#src/evaluation/curves.js';
import { rank } from '#src/evaluation/ranking.js';
import { assertNear, figures } from './figures.js';

function evenScores(count: number, from: number): Float32Array {
  return Float32Array.from({ length: count }, (_, n) => from + n / count);
}

describe('curves', () => {
  for (const [n, { labels, scores, ...known }] of figures.rankings.entries()) {
    const of = (label: number) => Float32Array.from(scores.filter((_, at) => labels[at] === label));
    const ranking = rank(of(1), of(0));

    test(`have the areas of scikit-learn (${n})`, () => {
      assertNear([areaUnderRoc(ranking)], [known.area]);
      assertNear([averagePrecision(ranking)], [known.averagePrecision]);
    });

    test(`have the points of scikit-learn's roc_curve (${n})`, () => {
      const points = rocCurve(ranking);
      assertNear(
        points.map(({ falseAlarmRate }) => falseAlarmRate),
        known.roc.far,
      );
      assertNear(
        points.map(({ hitRate }) => hitRate),
        known.roc.hit,
      );
      assertNear(
        points.map(({ threshold }) => threshold),
        [null, ...known.roc.thresholds],
      );
    });

    test(`have points of scikit-learn's precision_recall_curve (${n})`, () => {
      const { recall, precision, thresholds } = known.precisionRecall;
      for (const point of precisionRecallCurve(ranking)) {
        const at = thresholds.indexOf(point.threshold);
        assertNear([point.recall, point.precision], [recall[at] ?? -1, precision[at] ?? -1]);
      }
    });
  }

  test('hold a bounded number of points, with both ends', () => {
    const points = rocCurve(rank(evenScores(5000, 0.3), evenScores(5000, 0)));
    assert.ok(points.length > 150 && points.length <= 205, `${points.length} points`);
    assert.deepEqual(points[0], { falseAlarmRate: 0, hitRate: 0, threshold: null });
    assert.deepEqual(points.at(-1), { falseAlarmRate: 1, hitRate: 1, threshold: 0 });
  });

  test('show the best precision at each recall, however many false alarms share it', () => {
    const positives = Float32Array.from({ length: 10 }, () => 0.9);
    const points = precisionRecallCurve(rank(positives, evenScores(1000, 0)));
    // Of the negatives 99 are above 0.9, and one is equal to it.
    const best = points.find(({ recall }) => recall === 1);
    assertNear([best?.precision ?? null, points.at(-1)?.precision ?? null], [10 / 110, 10 / 1010]);
    assert.ok(points.length < 10, `${points.length} points`);
  });

  test('are null and empty where one of the two kinds is missing', () => {
    const ranking = rank(Float32Array.of(0.5), new Float32Array(0));
    assert.equal(areaUnderRoc(ranking), null);
    assert.deepEqual(rocCurve(ranking), []);
    assert.equal(averagePrecision(rank(new Float32Array(0), Float32Array.of(1))), null);
  });
});
