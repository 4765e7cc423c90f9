import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEngine, type CreatedEngine } from '#src/engine/create-engine.js';
import { LstmdError } from '#src/base/errors.js';
import { programOf } from '#src/engine/program/program.js';
import { loadModel } from '#src/model/load-model.js';
import { modes, type StreamPlan } from '#src/model/plan/stream-plan.js';
import type { DrawnCase, OutputRow } from './golden-case.js';
import { LargestError } from './largest-error.js';
import { steppedRows } from './stepped-rows.js';

/**
 * Tests a model that was drawn: each engine must give Keras' numbers in each mode that the program calls exact. One
 * that it refuses is skipped, with the reason.
 */
export function describeDrawn(golden: DrawnCase): void {
  test(golden.name, async (t) => {
    let plan: StreamPlan;
    try {
      const { inputs, constants } = golden;
      plan = await loadModel(join(golden.folder, golden.file), { inputs, constants });
    } catch (error) {
      assert.ok(error instanceof LstmdError && error.code === 'model.refused', String(error));
      t.skip(error.message);
      return;
    }
    // A layer that looks ahead answers later in a stream, which has no end with padding behind it.
    const isBehind = plan.layers.some(({ streaming }) => streaming.includes('behind'));
    const exact = modes.filter(
      (mode) => plan.modes[mode].exact && !(mode === 'continuous' && isBehind),
    );
    assert.ok(exact.includes('sliding'), 'no mode is exact');
    for (const mode of exact) {
      for (const name of ['reference', 'native', 'tfjs'] as const) {
        const program = programOf(plan, mode === 'sliding' ? { mode, stride: 1 } : { mode });
        const engine = await engineOrReason(name, program);
        if (typeof engine === 'string') {
          t.diagnostic(`${mode}, ${name}: ${engine}`);
          continue;
        }
        const state = new Float32Array(program.stateSize);
        const rows = steppedRows(engine, program, state, golden.input);
        await t.test(`${mode}, ${name}`, () => {
          const known = golden[mode].outputs;
          if (mode === 'sequence') {
            assertEnds(rows, known, golden.window);
          }
          compare(mode === 'sliding' ? rows.slice(golden.window - 1) : rows, known, golden);
        });
      }
    }
    t.diagnostic(`exact: ${exact.join(' ')}`);
  });
}

/** A window that is known to have an output must end with one. */
function assertEnds(rows: readonly OutputRow[], known: readonly OutputRow[], window: number): void {
  for (let n = window - 1; n < known.length; n += window) {
    assert.ok(known[n] === null || rows[n] !== null, `sample ${n} has no output`);
  }
}

/** Compares what is known of Keras with what the program gives there. */
function compare(
  rows: readonly OutputRow[],
  known: readonly OutputRow[],
  { tolerance }: DrawnCase,
): void {
  const error = new LargestError(tolerance);
  assert.equal(rows.length, known.length);
  for (const [n, row] of known.entries()) {
    const given = rows[n] ?? null;
    if (row !== null && given !== null) {
      error.compare(given, row, `sample ${n}`);
    }
  }
}

async function engineOrReason(
  ...made: Parameters<typeof createEngine>
): Promise<CreatedEngine['engine'] | string> {
  try {
    return (await createEngine(...made)).engine;
  } catch (error) {
    if (error instanceof LstmdError && error.code === 'engine.unavailable') {
      return error.message;
    }
    throw error;
  }
}
