import { LstmdError } from '../base/errors.js';
import type { Engine, EngineName } from './program/engine.js';
import { createNativeEngine } from './native/native-engine.js';
import type { StepProgram } from './program/program.js';

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
 * @param options.takesWeights lets the native engine take the memory of the plan's weights: it is the last one that is
 *   made of the plan
 * @throws LstmdError `engine.unavailable` when `native` or `tfjs` is asked for and does not load,
 *   `engine.argument` where another engine took the plan's weights, or the kernel does not take the program,
 *   `config.invalid` when `LSTMD_SIMD` names no target of this machine
 */
export async function createEngine(
  name: 'auto' | EngineName,
  program: StepProgram,
  options: { readonly takesWeights?: boolean } = {},
): Promise<CreatedEngine> {
  checkWeights(program);
  if (name === 'tfjs') {
    const { createTfjsEngine } = await import('./tfjs/tfjs-engine.js');
    return { engine: await createTfjsEngine(program) };
  }
  if (name === 'reference') {
    return { engine: await loadReferenceEngine(program) };
  }
  try {
    return { engine: createNativeEngine(program, options) };
  } catch (error) {
    if (
      name === 'native' ||
      !(error instanceof LstmdError) ||
      error.code !== 'engine.unavailable'
    ) {
      throw error;
    }
    return { engine: await loadReferenceEngine(program), fallbackReason: error.message };
  }
}

/** The code of an engine that is not wanted is never loaded. */
async function loadReferenceEngine(program: StepProgram): Promise<Engine> {
  const { createReferenceEngine } = await import('./reference/reference-engine.js');
  return createReferenceEngine(program);
}

/** An array whose memory was taken has no length, which no weight has otherwise. */
function checkWeights({ plan }: StepProgram): void {
  const ops = [
    ...plan.ops,
    ...(plan.windowPlan?.ops ?? []).flatMap((op) => (op.kind === 'scan' ? [op.op] : [])),
  ];
  const taken = ops.find((op) =>
    Object.values(op).some((value) => value instanceof Float32Array && value.length === 0),
  );
  if (taken !== undefined) {
    throw new LstmdError(
      'engine.argument',
      `the weights of ${plan.name} were given to a stream that was opened with takesWeights (layer "${taken.layer}"): load the model again`,
    );
  }
}
