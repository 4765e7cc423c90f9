import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeatureCheck } from '#src/sensor/feature-check.js';

/** Accelerations of a wearer in g, as a model was trained on them. */
const expected = {
  mean: Float32Array.of(0.02, -0.1, 0.95),
  deviation: Float32Array.of(0.4, 0.3, 0.35),
  source: 'a layer',
};

function look(scale: number, motion: number) {
  const check = new FeatureCheck(expected, 100);
  const values = Float32Array.from({ length: 300 }, (_, i) => {
    const swing = motion * Math.sin(i);
    return scale * ([swing, swing, 1 + swing][i % 3] ?? 0);
  });
  assert.equal(check.add(values, 99), undefined, 'not before there are enough');
  return check.add(values.subarray(297), 1);
}

test('features in the units of the training are not strange, at rest or in hard motion', () => {
  for (const motion of [0, 0.5, 2]) {
    assert.equal(look(1, motion), null, String(motion));
  }
});

test('m/s2, mg and raw counts in place of g are strange, in motion or not', () => {
  for (const scale of [9.81, 1000, 16_384, 1 / 9.81]) {
    for (const motion of [0, 0.5]) {
      const strange = look(scale, motion);
      assert.ok(strange, `${scale}, ${motion}`);
      if (motion === 0) {
        assert.equal(strange.feature, 2);
      }
    }
  }
});
