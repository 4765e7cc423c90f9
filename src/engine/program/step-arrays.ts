import { LstmdError } from '../../base/errors.js';
import { seenLimit } from '../../model/plan/stream-plan.js';
import { phaseCount, type StepProgram } from './program.js';

/**
 * The arrays that an engine steps: made once for each stepper and bound, see `Engine.bind`. A step
 * of fewer samples than they have room for uses the beginning of each.
 */
export interface StepArrays {
  /** `stateSize` floats for each stream, one stream after the other. */
  readonly state: Float32Array;
  /** `features` floats for each sample, one sample after the other. */
  readonly input: Float32Array;
  /** `outputSize` floats for each sample; zeros where it has no `StepFlag.output`. */
  readonly output: Float32Array;
  /** `StepFlag` bits of each sample. */
  readonly flags: Uint8Array;
}

/**
 * Arrays with room for `samples` samples. They share one buffer, because at every step the native
 * engine looks whether the memory of each buffer is still there.
 *
 * @param options.streams how many states there are, all of them zeros; default 1
 * @param options.state the state or states to use instead of new ones
 */
export function createStepArrays(
  program: StepProgram,
  samples: number,
  options: { readonly streams?: number; readonly state?: Float32Array } = {},
): StepArrays {
  const { stateSize, outputSize, plan } = program;
  const newStates = options.state === undefined ? (options.streams ?? 1) : 0;
  const floats = newStates * stateSize + samples * (plan.features + outputSize);
  const buffer = new ArrayBuffer(floats * Float32Array.BYTES_PER_ELEMENT + samples);
  let offset = 0;
  const take = (size: number): Float32Array => {
    const array = new Float32Array(buffer, offset, size);
    offset += array.byteLength;
    return array;
  };
  return {
    state: options.state ?? take(newStates * stateSize),
    input: take(samples * plan.features),
    output: take(samples * outputSize),
    flags: new Uint8Array(buffer, offset, samples),
  };
}

/**
 * Refuses a step that cannot be made, with nothing changed. Every engine asks this, and so the same
 * fault has the same words in each.
 *
 * @param states how many states the step reads: 1, or `count` where each sample is of another stream
 * @throws LstmdError `engine.argument` for a count that is not a whole number, an array that is too
 *   short, or a state whose header no step of this program leaves
 */
export function checkStep(
  program: StepProgram,
  arrays: StepArrays,
  count: number,
  states: number,
): void {
  if (!isCount(count, Number.MAX_SAFE_INTEGER)) {
    throw refusal(`count must be a whole number of samples, not ${count}`);
  }
  const { state } = arrays;
  const { stateSize, outputSize, plan } = program;
  checkLength('state', state.length, states * stateSize);
  checkLength('input', arrays.input.length, count * plan.features);
  checkLength('output', arrays.output.length, count * outputSize);
  checkLength('flags', arrays.flags.length, count);
  const lastPhase = phaseCount(program) - 1;
  for (let at = 0; at < states * stateSize; at += stateSize) {
    const seen = state[at];
    const phase = state[at + 1];
    if (!isCount(seen, seenLimit) || !isCount(phase, lastPhase)) {
      throw refusal(
        `the state begins with seen ${seen} and phase ${phase}, which no step of this program leaves`,
      );
    }
  }
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function checkLength(name: keyof StepArrays, length: number, needed: number): void {
  if (length < needed) {
    throw refusal(`${name} has ${length} values, the step needs ${needed}`);
  }
}

function refusal(message: string): LstmdError {
  return new LstmdError('engine.argument', message);
}
