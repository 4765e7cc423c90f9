import { loadAddon } from '../../platform/addon.js';
import type { NativeProgram } from '../../platform/addon.js';
import { LstmdError, messageOf } from '../../base/errors.js';
import { encodeProgram } from './program-encoding.js';
import type { Engine } from '../program/engine.js';
import type { StepProgram } from '../program/program.js';

/**
 * The C++ kernel as an engine, on the best SIMD target of this CPU.
 *
 * @param options.target a SIMD target by name; without it `LSTMD_SIMD` from the environment, else the best
 * @throws LstmdError `engine.unavailable` when there is no binary or no such target here,
 *   `engine.argument` when the kernel does not take the program
 */
export function createNativeEngine(
  program: StepProgram,
  options: { readonly target?: string | undefined } = {},
): Engine {
  const addon = loadAddon();
  const target = chooseTarget(addon.simdTargets(), options.target);
  const { words, weights } = encodeProgram(program);
  try {
    return new NativeEngine(program, new addon.Program(words, weights, target));
  } catch (cause) {
    throw new LstmdError(
      'engine.argument',
      `the native kernel does not take ${program.plan.name}: ${namingLayer(program, messageOf(cause))}`,
      { cause },
    );
  }
}

function chooseTarget(available: readonly string[], asked: string | undefined): string {
  const forced = asked ?? process.env['LSTMD_SIMD'];
  const target = forced === undefined || forced === '' ? available[0] : forced;
  if (target !== undefined && available.includes(target)) {
    return target;
  }
  const origin = asked === undefined ? 'LSTMD_SIMD asks for ' : '';
  throw new LstmdError(
    'engine.unavailable',
    `${origin}SIMD target ${target ?? ''} is not available here; available: ${available.join(', ')}`,
  );
}

/** The kernel numbers the operations; users know layers. */
function namingLayer(program: StepProgram, message: string): string {
  return message.replace(/^operation (\d+)/, (found, index: string) => {
    const layer = program.plan.ops[Number(index)]?.layer;
    return layer === undefined ? found : `layer ${layer}`;
  });
}

class NativeEngine implements Engine {
  readonly name = 'native';
  readonly target: string;
  /** The arrays of the last call: those that come again are bound, which saves most of a call. */
  #state: Float32Array | undefined;
  #input: Float32Array | undefined;
  #output: Float32Array | undefined;
  #flags: Uint8Array | undefined;
  #binding: 'none' | 'bound' | 'impossible' = 'none';

  readonly #program: StepProgram;
  readonly #native: NativeProgram;

  constructor(program: StepProgram, native: NativeProgram) {
    this.#program = program;
    this.#native = native;
    this.target = native.target;
    if (native.stateSize !== program.stateSize) {
      throw new RangeError(
        `the kernel counts ${native.stateSize} floats of state, the program ${program.stateSize}`,
      );
    }
  }

  step(
    state: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    const again =
      state === this.#state &&
      input === this.#input &&
      output === this.#output &&
      flags === this.#flags;
    if (again && this.#binding === 'bound') {
      if (this.#native.stepBound(count) !== false) {
        return;
      }
      this.#binding = 'none';
    }
    this.#stepUnbound(state, input, count, output, flags);
    if (!again) {
      this.#state = state;
      this.#input = input;
      this.#output = output;
      this.#flags = flags;
      this.#binding = 'none';
    } else if (this.#binding === 'none') {
      const isBound = this.#native.bind(state, input, output, flags) !== false;
      this.#binding = isBound ? 'bound' : 'impossible';
    }
  }

  /** @throws LstmdError `engine.argument`, naming what is wrong */
  #stepUnbound(
    state: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    this.#check(state, 1, input, count, output, flags);
    try {
      this.#native.step(state, input, count, output, flags);
    } catch (cause) {
      throw new LstmdError('engine.argument', messageOf(cause), { cause });
    }
  }

  stepMany(
    states: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    this.#check(states, count, input, count, output, flags);
    try {
      this.#native.stepMany(states, input, count, output, flags);
    } catch (cause) {
      throw new LstmdError('engine.argument', messageOf(cause), { cause });
    }
  }

  /** @throws LstmdError `engine.argument`, naming what is too short */
  #check(
    state: Float32Array,
    streams: number,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    const program = this.#program;
    if (!Number.isSafeInteger(count) || count < 0) {
      refuseCount(count);
    }
    if (state.length < streams * program.stateSize) {
      refuse('state', state.length, streams * program.stateSize);
    }
    if (input.length < count * program.plan.features) {
      refuse('input', input.length, count * program.plan.features);
    }
    if (output.length < count * program.outputSize) {
      refuse('output', output.length, count * program.outputSize);
    }
    if (flags.length < count) {
      refuse('flags', flags.length, count);
    }
  }
}

function refuseCount(count: number): never {
  throw new LstmdError('engine.argument', `count must be a whole number of samples, not ${count}`);
}

function refuse(name: string, length: number, needed: number): never {
  throw new LstmdError('engine.argument', `${name} has ${length} values, the step needs ${needed}`);
}
