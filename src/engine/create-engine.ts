import { LstmdError } from '../base/errors.js';
import type { Engine, EngineName } from './program/engine.js';
import { createNativeEngine } from './native/native-engine.js';
import type { StepProgram } from './program/program.js';
import { createReferenceEngine } from './reference/reference-engine.js';
import { createTfjsEngine } from './tfjs/tfjs-engine.js';

/** An engine, and why it is not another. */
export interface CreatedEngine {
  readonly engine: Engine;
  /** Why `auto` fell back to the reference engine, which users must be told. */
  readonly fallbackReason?: string;
}

/**
 * An engine by name; `auto` is `native`, and `reference` where no binary fits this machine;
 * `tfjs` is loaded only when it is asked for.
 *
 * @throws LstmdError `engine.unavailable` when `native` or `tfjs` is asked for and does not load
 */
export async function createEngine(
  name: 'auto' | EngineName,
  program: StepProgram,
): Promise<CreatedEngine> {
  if (name === 'tfjs') {
    return { engine: await createTfjsEngine(program) };
  }
  if (name === 'reference') {
    return { engine: createReferenceEngine(program) };
  }
  try {
    return { engine: createNativeEngine(program) };
  } catch (error) {
    if (
      name === 'native' ||
      !(error instanceof LstmdError) ||
      error.code !== 'engine.unavailable'
    ) {
      throw error;
    }
    return { engine: createReferenceEngine(program), fallbackReason: error.message };
  }
}
