import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { projectFile } from '../support/project.js';

/** Cases with what scikit-learn and numpy give for them; `figures.py` writes them. */
export const figures = JSON.parse(
  readFileSync(projectFile('test/evaluation/figures.json'), 'utf8'),
) as {
  readonly rankings: readonly {
    readonly labels: readonly number[];
    readonly scores: readonly number[];
    readonly area: number;
    readonly averagePrecision: number;
    readonly roc: Record<'far' | 'hit' | 'thresholds', readonly number[]>;
    readonly precisionRecall: Record<'precision' | 'recall' | 'thresholds', readonly number[]>;
  }[];
  readonly confusions: readonly {
    readonly labels: readonly number[];
    readonly predicted: readonly number[];
    readonly classes: number;
    readonly rows: readonly (readonly number[])[];
    readonly accuracy: number;
    readonly balancedAccuracy: number;
    readonly macroF1: number;
    readonly correlation: number;
    readonly precision: readonly (number | null)[];
    readonly recall: readonly (number | null)[];
    readonly f1: readonly (number | null)[];
    readonly support: readonly number[];
  }[];
  readonly regressions: readonly {
    readonly values: readonly number[];
    readonly targets: readonly number[];
    readonly mae: number;
    readonly rmse: number;
    readonly bias: number;
    readonly largestError: number;
    readonly r2: number;
  }[];
  readonly distributions: readonly {
    readonly values: readonly number[];
    readonly mean: number;
    readonly std: number;
    readonly edges: readonly number[];
    readonly median: number;
  }[];
};

/** Compares numbers that were summed in another order. */
export function assertNear(
  actual: readonly (number | null)[],
  expected: readonly (number | null)[],
): void {
  assert.equal(actual.length, expected.length);
  for (const [n, value] of actual.entries()) {
    const wanted = expected[n] ?? null;
    const isNear =
      value === null || wanted === null
        ? value === wanted
        : Math.abs(value - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted));
    assert.ok(isNear, `number ${n}: ${value}, not ${wanted}`);
  }
}
