import assert from 'node:assert/strict';
import { test } from 'node:test';
import { misfitNotes } from '#src/commands/init/reading-fit.js';

/** A wearer whose gravity was on y, in g. */
const on = { mean: [0, 1, 0.1], deviation: [0.1, 0.2, 0.1] };
const axes = ['x', 'y', 'z'];

/** What is said of readings that are between 0.02 below and above these. */
function said(middles: readonly number[], factors = [1, 1, 1]): string {
  const ranges = middles.map((middle) => ({ min: middle - 0.02, max: middle + 0.02 }));
  return misfitNotes({ axes, ranges }, factors, on).join('\n');
}

test('says nothing of readings as those of the training, once they are in its units', () => {
  assert.equal(said([0.05, 0.9, 0.2]), '');
  assert.equal(said([50, 900, 200], [0.001, 0.001, 0.001]), '');
  assert.deepEqual(misfitNotes({ axes: ['x'], ranges: [{ min: 9, max: 9 }] }, [1], on), []);
});

test('says axes that are swapped or turned, and in which order they fit', () => {
  assert.match(said([0, 0.1, 1]), /swapped or turned: (x, z, y|y, z, x) .*--axes [xy],z,[xy] /);
  assert.match(said([0, -1, 0.1]), /swapped or turned: x, -y, z .*by a matrix/);
});

test('says a size that no unit explains, and a range that is off', () => {
  assert.match(said([0, 1000, 50]), /9\d\d times as large .*sensor\.units and model\.units/);
  assert.match(said([0.9, 1.1, 0.8]), /^x is 0\.9 about, 8\.8 deviations .*\nz is 0\.8 about/);
});
