import { LstmdError } from '../base/errors.js';
import { readModelFile } from './model-file.js';
import { checkPlanMemory } from './compiler/plan-memory.js';
import type { OutputPart } from './compiler/compile-plan.js';
import type { StreamPlan } from './plan/stream-plan.js';
import { compileModel } from './compiler/keras/compile-model.js';

/**
 * Loads a model and compiles it into a plan: a Keras file, `.keras` or `.h5`, which its content
 * decides, or a TensorFlow.js layers model, by its `model.json` or its folder.
 *
 * @param path begins the message of every error
 * @param options.window steps of a window, for a model that takes any number; otherwise it must be the model's own
 * @param options.outputs of an output with a time axis its last step, or `whole`: all steps of the window, only in
 *   `sliding`; default `last`
 * @param options.signal ends the loading, which then throws its reason
 * @throws LstmdError `model.unreadable`, `model.notRead`, `model.malformed` when the file is damaged or contradicts
 *   itself, `model.refused` naming what would not be computed exactly, `model.mode` for another window
 */
export async function loadModel(
  path: string,
  options: {
    readonly window?: number | undefined;
    readonly outputs?: OutputPart | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<StreamPlan> {
  try {
    const { source, sha256 } = await readModelFile(path, options.signal);
    options.signal?.throwIfAborted();
    const plan = compileModel(source, {
      sha256,
      window: options.window,
      outputs: options.outputs,
    });
    checkPlanMemory(plan);
    return plan;
  } catch (cause) {
    if (!(cause instanceof LstmdError)) {
      throw cause;
    }
    throw new LstmdError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
