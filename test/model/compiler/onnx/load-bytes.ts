import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '#src/model/load-model.js';
import type { InputOptions } from '#src/model/plan/input-options.js';
import type { Mode, StreamPlan } from '#src/model/plan/stream-plan.js';
import { openStream } from '#src/stream/model-stream.js';

/** Loads the ONNX file of these bytes. */
export async function loadBytes(
  bytes: Uint8Array,
  options: InputOptions & { readonly window?: number } = {},
): Promise<StreamPlan> {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-onnx-'));
  try {
    writeFileSync(join(folder, 'model.onnx'), bytes);
    return await loadModel(join(folder, 'model.onnx'), options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns what a model gives at the last of some samples, by the reference engine. */
export async function lastRow(
  plan: StreamPlan,
  samples: readonly (readonly number[])[],
  mode: Mode = 'sliding',
): Promise<number[]> {
  const { stepper } = await openStream(plan, { mode, engine: 'reference' });
  const row = samples.map((sample) => stepper.push(sample)).at(-1);
  assert.ok(row);
  return [...row];
}

/** Asserts that the ONNX file of these bytes is refused. */
export function refuses(bytes: Uint8Array, message: RegExp): Promise<void> {
  return assert.rejects(loadBytes(bytes), { code: 'model.refused', message });
}
