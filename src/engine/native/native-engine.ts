import { LstmdError, messageOf } from '../../base/errors.js';
import { loadAddon, type NativeProgram, type NativeStep } from '../../platform/addon.js';
import type { BoundStep, Engine } from '../program/engine.js';
import type { StepProgram } from '../program/program.js';
import { checkStep, type StepArrays } from '../program/step-arrays.js';
import { encodeProgram } from './program-encoding.js';

/**
 * The C++ kernel as an engine, on the best SIMD target of this CPU.
 *
 * @param options.target a SIMD target by name; without it `LSTMD_SIMD` from the environment, else the best
 * @param options.takesWeights takes the memory of the plan's weights, so that no engine can be made of it any more
 * @throws LstmdError `engine.unavailable` when there is no binary or no such target here, `config.invalid` when it is
 *   `LSTMD_SIMD` that names one that is not here, `engine.argument` when the kernel does not take the program
 */
export function createNativeEngine(
  program: StepProgram,
  options: { readonly target?: string | undefined; readonly takesWeights?: boolean } = {},
): Engine {
  const addon = loadAddon();
  const target = chooseTarget(addon.simdTargets(), options.target);
  const { words, weights } = encodeProgram(program);
  try {
    const takesWeights = options.takesWeights === true && areApart(weights);
    return new NativeEngine(program, new addon.Program(words, weights, target, takesWeights));
  } catch (cause) {
    throw new LstmdError(
      'engine.argument',
      `the native kernel does not take ${program.plan.name}: ${layerOf(program, cause)}${messageOf(cause)}`,
      { cause },
    );
  }
}

/** Returns whether no two arrays share memory, as those of a layer that a model uses twice do. */
function areApart(arrays: readonly Float32Array[]): boolean {
  const ends = new Map<ArrayBufferLike, number>();
  return arrays
    .toSorted((a, b) => a.byteOffset - b.byteOffset)
    .every(({ buffer, byteOffset, byteLength }) => {
      const isBehind = byteOffset >= (ends.get(buffer) ?? 0);
      ends.set(buffer, byteOffset + byteLength);
      return isBehind;
    });
}

/**
 * Refuses a `LSTMD_SIMD` that cannot be meant, for commands that may come to their end without the kernel. Does
 * nothing where the addon does not load.
 *
 * @throws LstmdError `config.invalid` when it names no target of this machine
 */
export function requireSimdTarget(): void {
  nativeTarget();
}

/**
 * The SIMD target that an engine is made for where none is asked for; null where the addon does not load.
 *
 * @throws LstmdError `config.invalid` when `LSTMD_SIMD` names no target of this machine
 */
export function nativeTarget(): string | null {
  let available: readonly string[];
  try {
    available = loadAddon().simdTargets();
  } catch {
    return null;
  }
  return chooseTarget(available, undefined);
}

function chooseTarget(available: readonly string[], asked: string | undefined): string {
  const forced = asked ?? process.env['LSTMD_SIMD'];
  const target = forced === undefined || forced === '' ? available[0] : forced;
  if (target !== undefined && available.includes(target)) {
    return target;
  }
  const isOfEnvironment = asked === undefined && forced !== undefined;
  const what = isOfEnvironment ? 'environment variable LSTMD_SIMD: ' : '';
  const name = JSON.stringify(target ?? '');
  throw new LstmdError(
    // No other engine takes the place of a target that somebody asked for.
    isOfEnvironment ? 'config.invalid' : 'engine.unavailable',
    `${what}${name} is no SIMD target of this machine, which has ${available.join(', ')}`,
  );
}

/** The layer that a message names, for an error of the kernel, which gives an index of an operation. */
function layerOf({ plan, wholeWindow }: StepProgram, error: unknown): string {
  if (!(error instanceof RangeError) || !('operation' in error)) {
    return '';
  }
  const ops = wholeWindow && plan.windowPlan !== null ? plan.windowPlan.ops : plan.ops;
  const op = ops[Number(error.operation)];
  if (op === undefined) {
    return '';
  }
  return `layer ${op.kind === 'scan' ? op.op.layer : op.layer}: `;
}

class NativeEngine implements Engine {
  readonly name = 'native';
  readonly target: string;
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

  bind(arrays: StepArrays): BoundStep {
    checkStep(this.#program, arrays, 0, 1);
    const step = withCode(() => this.#native.bind(arrays));
    return this.#whileInPlace(arrays, step, (count) => this.#refuse(arrays, count, 1));
  }

  bindMany(arrays: StepArrays): BoundStep {
    const step = withCode(() => this.#native.bindMany(arrays));
    return this.#whileInPlace(arrays, step, (count) => this.#refuse(arrays, count, count));
  }

  /**
   * Steps only while every array has the length that it had. What takes the memory of a buffer away, by a transfer to
   * another thread or by making it shorter, leaves its arrays with a length of 0, and a longer buffer keeps its place.
   * The array that ends last in a buffer tells for all others there; those of a stepper have one buffer.
   */
  #whileInPlace(arrays: StepArrays, step: NativeStep, refuse: (count: number) => never): BoundStep {
    const { state, input, output, flags } = arrays;
    const ascending = [state, input, output, flags]
      .filter(({ length }) => length > 0)
      .toSorted((a, b) => endOf(a) - endOf(b));
    const ofBuffers = new Map(ascending.map((array) => [array.buffer, array]));
    const [first = state, second = first, third = first, fourth = first] = ofBuffers.values();
    const lengths = [first.length, second.length, third.length, fourth.length] as const;
    const [firstLength, secondLength, thirdLength, fourthLength] = lengths;
    return (count) => {
      if (
        first.length !== firstLength ||
        second.length !== secondLength ||
        third.length !== thirdLength ||
        fourth.length !== fourthLength ||
        !step(count)
      ) {
        refuse(count);
      }
    };
  }

  /** Throws the reason for which the addon did not step; the addon gives none, so that a step costs little. */
  #refuse(arrays: StepArrays, count: number, states: number): never {
    checkStep(this.#program, arrays, count, states);
    throw new LstmdError(
      'engine.argument',
      'an array has other memory than when it was bound: bind the arrays again',
    );
  }
}

/** The offset in its buffer at which an array ends. */
function endOf({ byteOffset, byteLength }: Float32Array | Uint8Array): number {
  return byteOffset + byteLength;
}

function withCode(bind: () => NativeStep): NativeStep {
  try {
    return bind();
  } catch (cause) {
    throw new LstmdError('engine.argument', messageOf(cause), { cause });
  }
}
