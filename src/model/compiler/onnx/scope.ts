import type { LstmdError } from '../../../base/errors.js';
import type { OnnxTensor } from '../../source/onnx-source.js';
import { constantFrom } from './operators/constants.js';
import type { Value } from './values/value.js';

/** The values of one graph or function, by name, and those of the graphs around it. */
export class Scope {
  readonly #values = new Map<string, Value>();
  /** Tensors of types that are not read. */
  readonly #unread = new Map<string, OnnxTensor>();
  /** Outputs that their operators do not give here. */
  readonly #lacking = new Map<string, LstmdError>();
  readonly #outer: Scope | null;
  readonly depth: number;

  constructor(outer: Scope | null = null, depth = 0) {
    this.#outer = outer;
    this.depth = depth;
  }

  /** A scope within this one. */
  inner(): Scope {
    return new Scope(this, this.depth + 1);
  }

  get(name: string): Value | undefined {
    return this.#values.get(name) ?? this.#outer?.get(name);
  }

  /** Returns whether a value of this name is set here, and not in a graph around it. */
  hasOwn(name: string): boolean {
    return this.#values.has(name);
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  declare(initializers: ReadonlyMap<string, OnnxTensor>): void {
    for (const [name, tensor] of initializers) {
      if (tensor.data === null) {
        this.#unread.set(name, tensor);
      } else {
        this.#values.set(name, constantFrom(tensor));
      }
    }
  }

  /** Notes an output that its operator does not give here, and the error for who takes it. */
  lack(name: string, error: LstmdError): void {
    this.#lacking.set(name, error);
  }

  /** @throws LstmdError `model.refused` for a tensor of a type that is not read, and for an output that is not given here */
  checkRead(name: string): void {
    const lacking = this.#lacking.get(name);
    if (lacking !== undefined) {
      throw lacking;
    }
    const tensor = this.#unread.get(name);
    if (tensor !== undefined) {
      constantFrom(tensor);
    }
    this.#outer?.checkRead(name);
  }
}
