import { LstmdError } from '../../errors.js';
import { isObject, type JsonObject } from '../json.js';

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

  /** @param label the layer as messages name it, e.g. `layer "lstm_1" (LSTM)` */
  constructor(
    readonly label: string,
    config: JsonObject,
  ) {
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
    if (typeof value !== 'boolean') throw this.malformed(`${key} is ${show(value)}, not a boolean`);
    return value;
  }

  /** A whole number above zero. */
  size(key: string): number {
    const value = this.raw(key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
      throw this.malformed(`${key} is ${show(value)}, not a whole number above zero`);
    return value;
  }

  /** Old Keras wrote some numbers as `{ type: "ndarray", value }`. */
  number(key: string, fallback: number): number {
    const raw = this.raw(key);
    const value = (isObject(raw) && raw['type'] === 'ndarray' ? raw['value'] : raw) ?? fallback;
    if (typeof value !== 'number' || Number.isNaN(value))
      throw this.malformed(`${key} is ${show(value)}, not a number`);
    return value;
  }

  /** Refuses any value but `expected` (or an absent one). */
  only(key: string, expected: boolean | string, reason: string): void {
    const value = this.raw(key) ?? expected;
    if (value !== expected) throw this.refused(`${key}=${show(value)}: ${reason}`);
  }

  /** Options that change nothing for this layer. */
  ignore(...keys: string[]): void {
    for (const key of keys) this.#known.add(key);
  }

  /** @throws LstmdError `model.refused` when an option is left that nothing is known of */
  finish(): void {
    for (const [key, value] of Object.entries(this.#config)) {
      if (this.#known.has(key) || withoutEffect.has(key) || withoutEffectSuffix.test(key)) continue;
      if (!isAbsent(value))
        throw this.refused(`option ${key}=${show(value)} is not known to this program`);
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
    if (name !== 'float32' && name !== 'float64')
      throw this.refused(
        `dtype ${show(name)} computes other numbers than float32: save the model with the float32 policy`,
      );
  }
}

function isAbsent(value: unknown): boolean {
  if (value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
