import assert from 'node:assert/strict';
import { programOf } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import type { StepOp } from '#src/model/plan/stream-plan.js';
import type { Draw } from './draw.js';
import { runEngine } from './engine-run.js';
import { planOf } from './native-plan.js';

export type Row = readonly number[];

/** The outputs of consecutive steps; null where a step has none. */
export type Rows = readonly (Row | null)[];

/** Steps samples through operations with the reference engine; the last value is the output. */
export function runOps(
  ops: readonly StepOp[],
  valueSizes: readonly number[],
  laneStateSize: number,
  samples: readonly Row[],
): Rows {
  const program = programOf(planOf(ops, valueSizes, laneStateSize), { mode: 'continuous' });
  const input = Float32Array.from(samples.flat());
  return runEngine(createReferenceEngine(program), program, input).rows;
}

export function drawRows(draw: Draw, count: number, size: number): Row[] {
  return Array.from({ length: count }, () => [...draw.floats(size, 1)]);
}

/** `x W`, where W is (x.length, columns), row-major. */
export function product(x: Row, kernel: Float32Array, columns: number): number[] {
  assert.equal(kernel.length, x.length * columns);
  return Array.from({ length: columns }, (_, column) =>
    x.reduce(
      (total, value, row) => total + value * (kernel[row * columns + column] ?? Number.NaN),
      0,
    ),
  );
}

/** Cuts a row into gates of `size` floats each. */
export function gatesOf(row: Row, size: number): number[][] {
  return Array.from({ length: row.length / size }, (_, gate) =>
    row.slice(gate * size, (gate + 1) * size),
  );
}

export function sum(...rows: readonly Row[]): number[] {
  return (rows[0] ?? []).map((_, i) =>
    rows.reduce((total, row) => total + (row[i] ?? Number.NaN), 0),
  );
}

export function times(a: Row, b: Row): number[] {
  return a.map((value, i) => value * (b[i] ?? Number.NaN));
}

export function softmax(row: Row): number[] {
  const exponentials = row.map(Math.exp);
  const total = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / total);
}

export function assertNear(actual: Rows, expected: Rows): void {
  assert.equal(actual.length, expected.length);
  for (const [n, row] of expected.entries()) {
    const got = actual[n] ?? null;
    assert.equal(got === null, row === null, `step ${n}: ${got?.join() ?? 'nothing'}`);
    assert.equal(got?.length, row?.length);
    for (const [i, value] of (row ?? []).entries()) {
      const distance = Math.abs((got?.[i] ?? Number.NaN) - value);
      assert.ok(distance < 2e-6, `step ${n}, ${i}: ${got?.[i]}, not ${value}`);
    }
  }
}
