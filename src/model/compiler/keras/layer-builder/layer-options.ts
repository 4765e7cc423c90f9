import { LstmdError } from '../../../../base/errors.js';
import type { JsonObject } from '../../../../base/json.js';
import type { HalfType } from '../../../plan/half-precision.js';
import { readNumericPolicy } from './numeric-policy.js';
import { plainValue } from './plain-value.js';
import { shortText } from './short-text.js';

/** Options of how a layer was trained, made or saved, which change nothing in what it computes. */
const withoutEffect = new Set([
  'name',
  'trainable',
  'dtype',
  'autocast',
  'batch_input_shape',
  'batch_shape',
  'input_shape',
  'input_dim',
  'input_length',
  'implementation',
  'unit_forget_bias',
  'unroll',
  'use_cudnn',
  'seed',
  'stateful',
  'optional',
  'shared_object_id',
]);
const withoutEffectSuffix = /_(initializer|regularizer|constraint)$/;

/**
 * A layer's options. Each option that is read counts as known; `finish` refuses the others, so that
 * an option that nobody thought of cannot be dropped in silence.
 *
 * Every method that reads throws LstmdError `model.malformed`, naming layer and option, for a value
 * of another type.
 */
export class LayerOptions {
  readonly #config: JsonObject;
  readonly #known = new Set<string>();

  readonly label: string;
  /** The type of 16 bits that Keras computes the layer in; null for float32 and float64. */
  halfType: HalfType | null = null;

  /**
   * @param label the layer as messages name it, e.g. `layer "lstm_1" (LSTM)`
   * @param isOperation whether it is an operation, whose `dtype` is that of what it gives
   */
  constructor(label: string, config: JsonObject, isOperation = false) {
    this.label = label;
    this.#config = config;
    if (!isOperation) {
      this.#checkDtype();
    }
  }

  /** An option as it stands in the file, of any type; undefined where it is absent. */
  raw(key: string): unknown {
    this.#known.add(key);
    return this.#config[key];
  }

  /** A boolean; `fallback` where it is absent. */
  boolean(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== 'boolean') {
      throw this.malformed(`${key} is ${shortText(value)}, not a boolean`);
    }
    return value;
  }

  /** A whole number above zero, which must be there. */
  size(key: string): number {
    const value = this.raw(key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw this.malformed(`${key} is ${shortText(value)}, not a whole number above zero`);
    }
    return value;
  }

  /** A whole number above zero that Keras may write as a list of one; `fallback` where it is absent. */
  sizeOfAxis(key: string, fallback: number): number {
    const [value, ...more] = this.sizes(key, [fallback]);
    if (value === undefined || value < 1 || more.length > 0) {
      throw this.malformed(`${key} is ${shortText(this.raw(key))}, not a whole number above zero`);
    }
    return value;
  }

  /** A whole number or a list of them, none below zero; `fallback` where it is absent. */
  sizes(key: string, fallback: readonly number[]): readonly number[] {
    const value = plainValue(this.raw(key)) ?? fallback;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((size) => {
      if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
        throw this.malformed(`${key} is ${shortText(value)}, not whole numbers`);
      }
      return size;
    });
  }

  /**
   * Refuses any axis but the last, which may be written as -1, as its number, or as a list of one.
   *
   * @throws LstmdError `model.refused`
   */
  lastAxis(key: string, tensor: { readonly form: string; readonly rank?: number }): void {
    const value = plainValue(this.raw(key)) ?? -1;
    const axes: readonly unknown[] = Array.isArray(value) ? value : [value];
    const [axis, ...more] = axes;
    const last = tensor.rank ?? (tensor.form === 'sequence' ? 2 : 1);
    if ((axis !== -1 && axis !== last) || more.length > 0) {
      throw this.refused(
        `${key}=${shortText(value)}: only the last axis, the features, is supported; the time axis is 1`,
      );
    }
  }

  /**
   * One number for all features, or one for each.
   *
   * @returns `size` numbers; undefined where the option is absent
   */
  numbers(key: string, size: number): Float32Array | undefined {
    const value = plainValue(this.raw(key));
    if (value === undefined || value === null) {
      return undefined;
    }
    const list: readonly unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
    if (list.length !== 1 && list.length !== size) {
      throw this.malformed(`${key} holds ${list.length} numbers for ${size} features`);
    }
    return Float32Array.from({ length: size }, (_, i) => {
      const number = list[list.length === 1 ? 0 : i];
      if (typeof number !== 'number' || !Number.isFinite(number)) {
        throw this.malformed(`${key} holds ${shortText(number)}, which is not a number`);
      }
      return number;
    });
  }

  /** A number, which may be infinite; `fallback` where it is absent. */
  number(key: string, fallback: number): number {
    const value = plainValue(this.raw(key)) ?? fallback;
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw this.malformed(`${key} is ${shortText(value)}, not a number`);
    }
    return value;
  }

  /**
   * Refuses any value but `expected`; an absent option counts as that.
   *
   * @throws LstmdError `model.refused` with the reason
   */
  only(key: string, expected: boolean | string | number, reason: string): void {
    const value = this.raw(key) ?? expected;
    if (value !== expected) {
      throw this.refused(`${key}=${shortText(value)}: ${reason}`);
    }
  }

  /** Names options that change nothing in what this layer computes. */
  ignore(...keys: string[]): void {
    for (const key of keys) {
      this.#known.add(key);
    }
  }

  /** @throws LstmdError `model.refused` naming an option that was neither read nor ignored */
  finish(): void {
    for (const [key, value] of Object.entries(this.#config)) {
      if (this.#known.has(key) || withoutEffect.has(key) || withoutEffectSuffix.test(key)) {
        continue;
      }
      if (!isAbsent(value)) {
        throw this.refused(`option ${key}=${shortText(value)} is not known to this program`);
      }
    }
  }

  /** The error for what would not be computed exactly; the message begins with the layer. */
  refused(reason: string): LstmdError {
    return new LstmdError('model.refused', `${this.label}: ${reason}`);
  }

  /** The error for what contradicts itself; the message begins with the layer. */
  malformed(reason: string): LstmdError {
    return new LstmdError('model.malformed', `${this.label}: ${reason}`);
  }

  /** Float64 gives the same as float32 within the error of float32; half precision is noted. */
  #checkDtype(): void {
    const policy = readNumericPolicy(this.#config['dtype']);
    if ('reason' in policy) {
      throw this.refused(policy.reason);
    }
    this.halfType = policy.halfType;
  }
}

/** Null, false and an empty list or object are how Keras writes an option that is not used. */
function isAbsent(value: unknown): boolean {
  if (value === null || value === false) {
    return true;
  }
  return typeof value === 'object' && Object.keys(value).length === 0;
}
