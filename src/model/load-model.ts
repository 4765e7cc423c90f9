import { LstmdError } from '../base/errors.js';
import { readModelFile, type ModelFile } from './model-file.js';
import type { InputOptions } from './plan/input-options.js';
import { wrongWindow } from './compiler/wrong-window.js';
import { checkPlanMemory } from './compiler/plan-memory.js';
import { compilePlan, type CompilableModel } from './compiler/compile-plan.js';
import { outputParts, seenLimit, type OutputPart, type StreamPlan } from './plan/stream-plan.js';

export interface LoadOptions extends InputOptions {
  /** Steps of a window, for a model that takes any number; otherwise it must be the model's own. */
  readonly window?: number | undefined;
  /** Ends the loading, which then throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a model and compiles it into a plan: a file of Keras or ONNX, `.keras`, `.h5` or `.onnx`, which its content
 * decides, or a TensorFlow.js layers model, by its `model.json` or its folder.
 *
 * @param path begins the message of every error of the model
 * @param options.outputs of an output with a time axis its last step, or `whole`: all steps of the window, only in
 *   `sliding`; default `last`
 * @returns the operations of a step with their weights in float32, from which streams are opened
 * @throws LstmdError `model.unreadable` where there is no such file, `model.notRead` where the machine lacks what reading
 *   it takes, `model.malformed` when it is damaged or contradicts itself, `model.refused` naming what would not be
 *   computed exactly, `model.mode` for a window that is not the model's and for none where one is needed, `usage.invalid`
 *   for inputs, constants, axes or outputs that are not the model's, and for a window that is no number of steps
 */
export async function loadModel(
  path: string,
  options: LoadOptions & { readonly outputs?: OutputPart | undefined } = {},
): Promise<StreamPlan> {
  const { outputs = 'last' } = options;
  // JavaScript has no types that keep other names out, and each would be taken for `last`.
  if (!outputParts.includes(outputs)) {
    const names = outputParts.join(', ');
    throw new LstmdError('usage.invalid', `outputs is ${outputs}: one of ${names}`);
  }
  const compile = await readModel(path, options);
  return compile(outputs);
}

/**
 * Reads a model, to be compiled with either part of its outputs: both, where the first tells that the other is
 * needed.
 *
 * @returns the compiler of the plan, which throws as `loadModel` does
 * @throws LstmdError as `loadModel` does for a window that is no number of steps, and for a file that cannot be read
 */
export async function readModel(
  path: string,
  options: LoadOptions,
): Promise<(outputs: OutputPart) => StreamPlan> {
  const { window } = options;
  if (window !== undefined && !(Number.isInteger(window) && window >= 1 && window <= seenLimit)) {
    throw wrongWindow(
      `window must be a whole number from 1 to ${seenLimit}, not ${window}`,
      'usage.invalid',
    );
  }
  try {
    const file = await readModelFile(path, options.signal);
    options.signal?.throwIfAborted();
    const { sha256 } = file;
    const model = await modelOf(file, options);
    return (outputs) => {
      try {
        const plan = compilePlan(model, { sha256, window, outputs });
        checkPlanMemory(plan);
        return plan;
      } catch (error) {
        throw withPath(path, error);
      }
    };
  } catch (error) {
    throw withPath(path, error);
  }
}

/** The compiler of a dialect is loaded with the first model of it. */
async function modelOf(file: ModelFile, options: InputOptions): Promise<CompilableModel> {
  if (file.dialect === 'onnx') {
    const { onnxModel } = await import('./compiler/onnx/onnx-model.js');
    return onnxModel(file.source, options);
  }
  if (options.inputAxes !== undefined) {
    throw new LstmdError(
      'usage.invalid',
      'are of ONNX models (--model-axes, model.axes): a Keras file says its own',
      { at: ['axes'] },
    );
  }
  const { kerasModel } = await import('./compiler/keras/keras-model.js');
  return kerasModel(file.source, options);
}

function withPath(path: string, cause: unknown): unknown {
  if (!(cause instanceof LstmdError)) {
    return cause;
  }
  const { code, message, faults } = cause;
  const isNamed = [`${path}: `, `${path} `].some((start) => message.startsWith(start));
  return new LstmdError(code, isNamed ? message : `${path}: ${message}`, { cause, faults });
}
