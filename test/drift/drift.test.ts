import assert from 'node:assert/strict';
import { test } from 'node:test';
import { referenceStatistics } from '#src/commands/evaluate/reference-statistics.js';
import { BinCounts } from '#src/drift/bin-counts.js';
import { DriftVerdict } from '#src/drift/drift-verdict.js';
import { parseReference } from '#src/drift/reference.js';
import { WatchedNumber, type DriftFigures } from '#src/drift/watched-number.js';
import { Distribution } from '#src/evaluation/distribution.js';

/** Returns what a bin adds to the index. */
function term(share: number, expected: number): number {
  return (share - expected) * Math.log(share / expected);
}

test('numbers are counted in the bins as the reference counts them, and the index is the sum over them', () => {
  const bins = new BinCounts({ name: 'x', edges: [0, 1, 2], shares: [0.5, 0.5] });
  assert.deepEqual([bins.stabilityIndex, bins.outOfRange], [0, 0], 'nothing came yet');
  // Below 0; 0 and 1, which are both edges of the first bin; 2, of the second; above.
  for (const value of [-0.1, 0, 1, 2, 2.1]) {
    bins.add(value);
  }
  assert.equal(bins.outOfRange, 0.4);
  const expected = 2 * term(0.2, 1e-4) + term(0.4, 0.5) + term(0.2, 0.5);
  assert.ok(Math.abs(bins.stabilityIndex - expected) < 1e-12, `${bins.stabilityIndex}`);
  bins.reset();
  for (const value of [0.5, 1.5]) {
    bins.add(value);
  }
  assert.ok(Math.abs(bins.stabilityIndex) < 1e-12, 'as the reference');
});

test('a constant of the reference is no drift, and anything else is out of its range', () => {
  const bins = new BinCounts({ name: 'c', edges: [3, 3], shares: [1] });
  bins.add(3);
  assert.ok(Math.abs(bins.stabilityIndex) < 1e-12);
  bins.add(3.1);
  assert.equal(bins.outOfRange, 0.5);
});

test('without a reference the deviations of the training tell what is out of range', () => {
  const number = new WatchedNumber('feature', 'x', { mean: 10, deviation: 2 });
  for (const value of [10, 17.9, 18.1, 2]) {
    number.add(value);
  }
  assert.deepEqual(number.take(), {
    kind: 'feature',
    name: 'x',
    mean: 12,
    outOfRange: 0.25,
    stabilityIndex: null,
  });
  assert.equal(number.take(), undefined, 'a window without numbers');
});

test('a drift begins once it has lasted, and ends with the first window without it', () => {
  const verdict = new DriftVerdict({ stabilityIndex: 0.25, outOfRange: 0.05, windows: 2 });
  const window = (stabilityIndex: number, outOfRange = 0): string | undefined => {
    const figures: DriftFigures = {
      kind: 'output',
      name: 'p',
      mean: 0,
      stabilityIndex,
      outOfRange,
    };
    return verdict.window([{ ...figures, name: 'other', stabilityIndex: 0 }, figures])?.state;
  };
  assert.deepEqual(
    [window(0.3), window(0.2), window(0.3), window(0.1, 0.06), window(0.4), window(0.25)],
    [undefined, undefined, undefined, 'on', undefined, 'off'],
  );
  assert.equal(verdict.window([]), undefined);
});

test('reads what evaluate writes, and refuses what is none of it', () => {
  const distribution = new Distribution();
  for (const value of [1, 2, 3]) {
    distribution.add(value);
  }
  const facts = { file: 'm', origin: 'o', sha256: 'ab', task: 'classify' } as const;
  const figures = { name: 'p', ...distribution.figures() };
  const modes = { sliding: { stride: 1, outputs: [figures], entropy: [] } };
  const written = JSON.stringify(
    referenceStatistics({ ...facts } as never, ['x'], [distribution], 3, modes),
  );
  const read = parseReference(written);
  assert.equal(read.modelSha256, 'ab');
  assert.deepEqual(read.features[0]?.edges, figures.edges);
  assert.deepEqual(read.modes['sliding']?.outputs[0]?.shares, figures.shares);

  const refused = (change: (root: Record<string, unknown>) => void): string => {
    const root = JSON.parse(written) as Record<string, unknown>;
    change(root);
    try {
      parseReference(JSON.stringify(root));
      return 'taken';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  assert.match(
    refused((root) => delete root['format']),
    /is no file of reference statistics/,
  );
  assert.match(
    refused((root) => (root['version'] = 2)),
    /has version 2/,
  );
  assert.match(
    refused((root) => delete root['model']),
    /lacks model\.sha256/,
  );
  assert.match(
    refused((root) => (root['features'] = 7)),
    /lacks features/,
  );
  assert.match(
    refused((root) => (root['features'] = [{ name: 'x', edges: [2, 1], shares: [1] }])),
    /features\[0\] must have a name, ascending edges/,
  );
  assert.match(
    refused((root) => (root['features'] = [{ name: 'x', edges: [1, 2], shares: [] }])),
    /features\[0\] must have/,
  );
});
