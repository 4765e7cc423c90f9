import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { featureNames, type FeatureNames } from '#src/config/feature-names.js';
import { featureStep } from '#src/config/feature-steps.js';
import { z } from '#src/config/option-types.js';
import { FeatureChain } from '#src/sensor/features/feature-chain.js';
import { projectFile } from '../../support/project.js';

const matrix = z.array(z.array(z.number()));
const numbers = z.union([z.number(), z.array(z.number())]);
/** Holds what golden/make.py beside this file wrote. */
const golden = z
  .object({
    rateHz: z.number(),
    readings: matrix,
    cases: z.array(
      z.object({
        name: z.string(),
        factors: z.array(z.number()).default([1, 1, 1]),
        steps: z.array(featureStep).default([]),
        mean: numbers.default(0),
        std: numbers.default(1),
        features: matrix,
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(projectFile('test/sensor/features/golden/features.json'), 'utf8')),
  );

const axes = ['x', 'y', 'z'];

function chainOf(steps: readonly object[], rateHz = 50): FeatureChain {
  return new FeatureChain({
    axes,
    factors: [1, 1, 1],
    steps: steps.map((step) => featureStep.parse(step)),
    mean: 0,
    std: 1,
    rateHz,
  });
}

function featuresOf(chain: FeatureChain, ...readings: number[]): number[] {
  const out = new Float32Array(chain.names.length);
  assert.ok(chain.apply(Float32Array.from(readings), 0, out, 0));
  return [...out];
}

describe('FeatureChain gives what numpy and scipy give', () => {
  for (const { name, features, ...options } of golden.cases) {
    test(name, () => {
      const chain = new FeatureChain({ axes, rateHz: golden.rateHz, ...options });
      const size = chain.names.length;
      const readings = Float32Array.from(golden.readings.flat());
      const out = new Float32Array(size);
      assert.equal(features[0]?.length, size);
      for (const [n, expected] of features.entries()) {
        assert.ok(chain.apply(readings, 3 * n, out, 0));
        for (const [feature, value] of expected.entries()) {
          const actual = out[feature] ?? Number.NaN;
          // Float64 on both sides, rounded once to float32 here and to nine digits there.
          const most = 1e-7 * Math.max(Math.abs(value), 1e-3);
          assert.ok(
            Math.abs(actual - value) <= most,
            `row ${n}, feature ${feature}: ${actual}, not ${value}`,
          );
        }
      }
    });
  }
});

describe('FeatureChain', () => {
  test('begins anew after a reset, and settles again', () => {
    const chain = chainOf([{ step: 'highPass', cutoffHz: 0.5 }, { step: 'difference', as: ['a', 'b', 'c'] }]); // oxfmt-ignore
    const settleSamples = chain.unsettledSamples;
    // e^(-2 pi 0.5 n / 50) is 0.01 at n = 73.3.
    assert.equal(settleSamples, 74);
    const first = featuresOf(chain, 1, 2, 3);
    assert.deepEqual(first, [0, 0, 0, 0, 0, 0]);
    const second = featuresOf(chain, 2, 2, 3);
    assert.notDeepEqual(second, first);
    for (let n = 0; n < settleSamples; n += 1) {
      featuresOf(chain, n, 0, 0);
    }
    assert.equal(chain.unsettledSamples, 0);
    chain.reset();
    assert.equal(chain.unsettledSamples, settleSamples);
    assert.deepEqual(featuresOf(chain, 1, 2, 3), first);
    assert.deepEqual(featuresOf(chain, 2, 2, 3), second);
  });

  test('refuses features that are not finite, and does not remember them', () => {
    const chain = chainOf([
      { step: 'lowPass', alpha: 0.5 },
      { step: 'scale', by: 1e38 },
    ]);
    const out = new Float32Array(3);
    assert.equal(chain.apply(Float32Array.of(100, 0, 0), 0, out, 0), false);
    assert.equal(featuresOf(chain, 0.1, 0, 0)[0], Math.fround(Math.fround(0.1) * 1e38));
  });

  test('needs no time to settle where it remembers nothing', () => {
    assert.equal(chainOf([{ step: 'magnitude' }]).unsettledSamples, 0);
  });
});

function namesOf(...steps: object[]): FeatureNames {
  return featureNames(
    axes,
    steps.map((step) => featureStep.parse(step)),
    50,
  );
}

describe('featureNames', () => {
  test('follows names through the steps', () => {
    assert.deepEqual(
      namesOf(
        { step: 'magnitude', as: 'm' },
        { step: 'difference', axes: ['x'], as: ['dx'] },
        { step: 'axes', order: ['m', '-y', 'dx'] },
        { step: 'lowPass', cutoffHz: 2 },
      ),
      { names: ['m', 'y', 'dx'] },
    );
  });

  const faults: [object, RegExp, ...(string | number)[]][] = [
    [{ step: 'magnitude', axes: ['x', 'w'] }, /"w" is not there; .* x, y, z/, 0, 'axes'],
    [{ step: 'axes', order: ['x', '-x'] }, /must not name one twice/, 0, 'order'],
    [{ step: 'magnitude', as: 'y' }, /"y" is a name already/, 0, 'as'],
    [{ step: 'difference', as: ['a', 'a', 'b'] }, /"a" is a name already/, 0, 'as'],
    [{ step: 'difference', as: ['a'] }, /one entry each for x, y, z: 3, not 1/, 0, 'as'],
    [{ step: 'turn', matrix: [[1, 0], [0, 1]] }, /3 rows of 3 numbers/, 0, 'matrix'], // oxfmt-ignore
    [{ step: 'turn', matrix: [[1, 0, 0], [0, 1, 0], [0, 1]] }, /3 rows of 3/, 0, 'matrix'], // oxfmt-ignore
    [{ step: 'scale', by: [1, 2] }, /one entry each for x, y, z: 3, not 2/, 0, 'by'],
    [{ step: 'standardize', std: [1, 2] }, /: 3, not 2/, 0, 'std'],
    [{ step: 'highPass' }, /needs cutoffHz or alpha, one of them/, 0],
    [{ step: 'highPass', cutoffHz: 1, alpha: 0.5 }, /one of them/, 0],
    [{ step: 'lowPass', cutoffHz: 25 }, /below half of the rate, 25 Hz/, 0, 'cutoffHz'],
    [{ step: 'clip' }, /needs min, max or both/, 0],
    [{ step: 'clip', min: 2, max: 1 }, /must not be above max \(1\)/, 0, 'min'],
  ];
  for (const [step, message, ...path] of faults) {
    test(`refuses ${JSON.stringify(step)}`, () => {
      const found = namesOf(step);
      assert.ok('fault' in found);
      assert.match(found.fault.message, message);
      assert.deepEqual(found.fault.path, path);
    });
  }
});
