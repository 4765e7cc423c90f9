import { LstmdError } from '../../../../base/errors.js';
import { isObject, type JsonObject } from '../../../../base/json.js';

/** Options that say how a layer was trained, made or saved, and change nothing in what it computes. */
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
  'unroll',
  'use_cudnn',
  'seed',
  'stateful',
  'optional',
  'shared_object_id',
]);
const withoutEffectSuffix = /_(initializer|regularizer|constraint)$/;

/**
 * A layer's options. What is read is known; `finish` refuses the rest, so that an
 * option nobody thought of cannot be dropped in silence.
 */
export class LayerOptions {
  readonly #config: JsonObject;
  readonly #known = new Set<string>();

  readonly label: string;

  /** @param label the layer as messages name it, e.g. `layer "lstm_1" (LSTM)` */
  constructor(label: string, config: JsonObject) {
    this.label = label;
    this.#config = config;
    this.#checkPolicy();
  }

  /** An option as it stands in the file; undefined where it is absent. */
  raw(key: string): unknown {
    this.#known.add(key);
    return this.#config[key];
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== 'boolean') {
      throw this.malformed(`${key} is ${show(value)}, not a boolean`);
    }
    return value;
  }

  /** A whole number above zero. */
  size(key: string): number {
    const value = this.raw(key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw this.malformed(`${key} is ${show(value)}, not a whole number above zero`);
    }
    return value;
  }

  /** A whole number above zero that Keras may write as a list of one; `fallback` where it is absent. */
  sizeOfAxis(key: string, fallback: number): number {
    const [value, ...more] = this.sizes(key, [fallback]);
    if (value === undefined || value < 1 || more.length > 0) {
      throw this.malformed(`${key} is ${show(this.raw(key))}, not a whole number above zero`);
    }
    return value;
  }

  /** A whole number or a list of them, none below zero. */
  sizes(key: string, fallback: readonly number[]): readonly number[] {
    const value = plainOf(this.raw(key)) ?? fallback;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((size) => {
      if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
        throw this.malformed(`${key} is ${show(value)}, not whole numbers`);
      }
      return size;
    });
  }

  /** Refuses any axis but the last, however it is spelled. */
  lastAxis(key: string, tensor: { readonly form: string }): void {
    const value = plainOf(this.raw(key)) ?? -1;
    const axes: readonly unknown[] = Array.isArray(value) ? value : [value];
    const [axis, ...more] = axes;
    const last = tensor.form === 'sequence' ? 2 : 1;
    if ((axis !== -1 && axis !== last) || more.length > 0) {
      throw this.refused(
        `${key}=${show(value)}: only the last axis, the features, is supported; the time axis is 1`,
      );
    }
  }

  /** One number for every feature, or one each; undefined where it is absent. */
  numbers(key: string, size: number): Float32Array | undefined {
    const value = plainOf(this.raw(key));
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
        throw this.malformed(`${key} holds ${show(number)}, which is not a number`);
      }
      return number;
    });
  }

  number(key: string, fallback: number): number {
    const value = plainOf(this.raw(key)) ?? fallback;
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw this.malformed(`${key} is ${show(value)}, not a number`);
    }
    return value;
  }

  /** Refuses any value but `expected` (or an absent one). */
  only(key: string, expected: boolean | string | number, reason: string): void {
    const value = this.raw(key) ?? expected;
    if (value !== expected) {
      throw this.refused(`${key}=${show(value)}: ${reason}`);
    }
  }

  /** Options that change nothing for this layer. */
  ignore(...keys: string[]): void {
    for (const key of keys) {
      this.#known.add(key);
    }
  }

  /** @throws LstmdError `model.refused` when an option is left that nothing is known of */
  finish(): void {
    for (const [key, value] of Object.entries(this.#config)) {
      if (this.#known.has(key) || withoutEffect.has(key) || withoutEffectSuffix.test(key)) {
        continue;
      }
      if (!isAbsent(value)) {
        throw this.refused(`option ${key}=${show(value)} is not known to this program`);
      }
    }
  }

  refused(reason: string): LstmdError {
    return new LstmdError('model.refused', `${this.label}: ${reason}`);
  }

  malformed(reason: string): LstmdError {
    return new LstmdError('model.malformed', `${this.label}: ${reason}`);
  }

  /** Half precision gives other numbers; float64 gives the same within float32's own error. */
  #checkPolicy(): void {
    const dtype = this.#config['dtype'];
    const name =
      isObject(dtype) && isObject(dtype['config']) ? dtype['config']['name'] : (dtype ?? 'float32');
    if (name !== 'float32' && name !== 'float64') {
      throw this.refused(
        `dtype ${show(name)} computes other numbers than float32: save the model with the float32 policy`,
      );
    }
  }
}

/**
 * Keras 2 wrote some numbers as `{ type: "ndarray", value }` and tuples as
 * `{ class_name: "__tuple__", items }`; Keras 3 writes arrays as `{ class_name: "__numpy__", config: { value } }`.
 */
function plainOf(value: unknown): unknown {
  if (!isObject(value)) {
    return value;
  }
  if (value['type'] === 'ndarray') {
    return value['value'];
  }
  if (value['class_name'] === '__tuple__') {
    return value['items'];
  }
  if (value['class_name'] === '__numpy__' && isObject(value['config'])) {
    return value['config']['value'];
  }
  return value;
}

function isAbsent(value: unknown): boolean {
  if (value === null || value === false) {
    return true;
  }
  return typeof value === 'object' && Object.keys(value).length === 0;
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
