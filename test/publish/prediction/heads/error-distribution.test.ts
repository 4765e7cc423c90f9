import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readErrorDistribution } from '#src/publish/prediction/heads/error-distribution.js';
import { ReconstructionScore } from '#src/publish/prediction/heads/reconstruction-score.js';
import { testFolder } from '../../../support/daemon.js';

const whole = {
  mean: [0, 1],
  inverse_covariance: [
    [2, 0.5],
    [0.5, 1],
  ],
};

/** The identity matrix of size x size, row-major. */
function identity(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}

describe('a distribution of errors', () => {
  test('is read with what its threshold was trained on', async (t) => {
    const file = join(testFolder(t), 'errors.json');
    writeFileSync(file, JSON.stringify({ ...whole, error: 'absolute', squared: true }));
    const { variance, ...read } = await readErrorDistribution(file);
    assert.deepEqual(
      Array.from(variance, (each) => each.toFixed(12)),
      [1 / 1.75, 2 / 1.75].map((each) => each.toFixed(12)),
    );
    assert.deepEqual(read, {
      mean: Float64Array.of(0, 1),
      inverseCovariance: Float64Array.of(2, 0.5, 0.5, 1),
      isAbsolute: true,
      isSquared: true,
    });
  });

  test('refuses what is no distribution, naming file and key', async (t) => {
    const file = join(testFolder(t), 'errors.json');
    for (const [key, content] of [
      ['is no distribution', 'no JSON'],
      ['mean', JSON.stringify({ ...whole, mean: [0, 'x'] })],
      ['inverse_covariance', JSON.stringify({ ...whole, inverse_covariance: [[1, 2]] })],
      [
        'symmetric',
        JSON.stringify({
          ...whole,
          inverse_covariance: [
            [1, 2],
            [0, 1],
          ],
        }),
      ],
      [
        'positive definite',
        JSON.stringify({
          ...whole,
          inverse_covariance: [
            [1, 2],
            [2, 1],
          ],
        }),
      ],
      ['error', JSON.stringify({ ...whole, error: 'square' })],
      ['squared', JSON.stringify({ ...whole, squared: 1 })],
    ] as const) {
      writeFileSync(file, content);
      await assert.rejects(readErrorDistribution(file), (error: Error) => {
        assert.ok(
          error.message.startsWith(`${file}: `) && error.message.includes(key),
          error.message,
        );
        return true;
      });
    }
  });

  test('is of one step, or of all values of a window; squared or not, of absolute errors or signed', () => {
    // Two steps of two features; the errors are (1, -2) and (0, 3).
    const windows = {
      input: Float32Array.of(1, 0, 0, 3),
      inputAt: 0,
      output: Float32Array.of(9, 0, 2, 0, 0),
      outputAt: 1,
    };
    const score = (size: number, isSquared: boolean, isAbsolute: boolean, mean = 0) =>
      new ReconstructionScore(
        {
          metric: 'mahalanobis',
          over: 'all',
          distribution: {
            mean: new Float64Array(size).fill(mean),
            inverseCovariance: identity(size),
            variance: new Float64Array(size).fill(1),
            isAbsolute,
            isSquared,
          },
        },
        2,
        Int32Array.of(0, 1),
        2,
      ).compare(windows);
    assert.equal(score(2, true, false), (5 + 9) / 2);
    assert.equal(score(2, false, false), (Math.sqrt(5) + 3) / 2);
    assert.equal(score(4, true, false), 14);
    assert.equal(score(4, false, false), Math.sqrt(14));
    assert.equal(score(4, true, true, 1), 0 + 1 + 1 + 4);
    assert.equal(score(4, true, false, 1), 0 + 9 + 1 + 4);
    assert.throws(() => score(3, true, false), {
      code: 'config.invalid',
      message: /of 3 values: it must be of one step's 2, or of all 4 of a window/,
    });
  });
});
