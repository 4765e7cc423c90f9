import { LstmdError } from '../base/errors.js';
import { readModelFile } from './model-file.js';
import { checkMemory } from './compiler/plan-memory.js';
import type { StreamPlan } from './plan/stream-plan.js';
import { streamPlanOf } from './compiler/keras/compile-model.js';

/**
 * Loads a model file, `.keras` or `.h5` by its content, or a TensorFlow.js layers model by its
 * `model.json` or its folder, and makes a plan of it.
 *
 * @param options.window steps of a window, for a model that takes any number; must be the model's own otherwise
 * @throws LstmdError `model.unreadable`, `model.malformed` when the file is damaged or contradicts
 *   itself, `model.refused` naming what would not be computed exactly, `model.mode` for another window
 */
export async function loadModel(
  path: string,
  options: { readonly window?: number | undefined } = {},
): Promise<StreamPlan> {
  try {
    const { source, sha256 } = await readModelFile(path);
    const plan = streamPlanOf(source, { sha256, window: options.window });
    checkMemory(plan);
    return plan;
  } catch (cause) {
    if (!(cause instanceof LstmdError)) {
      throw cause;
    }
    throw new LstmdError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
