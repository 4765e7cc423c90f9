import { LstmdError } from '../../../base/errors.js';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from '../../source/onnx-source.js';
import { AxisConflict } from './axis-conflict.js';

/**
 * A node's attributes. Each that is read counts as known; `finish` refuses the others, so that one that nobody
 * thought of cannot be dropped in silence.
 *
 * Every method that reads throws LstmdError `model.malformed`, naming node and attribute, for a value of another type.
 */
export class NodeAttributes {
  readonly #attributes: OnnxNode['attributes'];
  readonly #known = new Set<string>();
  readonly #label: string;

  /** @param label the node as messages name it, e.g. `node "/lstm/LSTM" (LSTM)` */
  constructor(label: string, attributes: OnnxNode['attributes']) {
    this.#label = label;
    this.#attributes = attributes;
  }

  #read(key: string): OnnxAttribute | undefined {
    this.#known.add(key);
    return this.#attributes.get(key);
  }

  has(key: string): boolean {
    return this.#read(key) !== undefined;
  }

  /** A whole number; `fallback` where it is absent. */
  int(key: string, fallback: number): number {
    const found = this.#read(key) ?? { kind: 'int', value: fallback };
    if (found.kind !== 'int') {
      throw this.#not(key, 'a whole number');
    }
    return found.value;
  }

  /** A whole number that says yes or no, 1 or 0. */
  flag(key: string, isFallback = false): boolean {
    const value = this.int(key, isFallback ? 1 : 0);
    if (value !== 0 && value !== 1) {
      throw this.malformed(`${key}=${value} is neither 0 nor 1`);
    }
    return value === 1;
  }

  float(key: string, fallback: number): number {
    const found = this.#read(key) ?? { kind: 'float', value: fallback };
    if (found.kind !== 'float') {
      throw this.#not(key, 'a number');
    }
    return found.value;
  }

  string(key: string, fallback: string): string {
    const found = this.#read(key) ?? { kind: 'string', value: fallback };
    if (found.kind !== 'string') {
      throw this.#not(key, 'a text');
    }
    return found.value;
  }

  /** Undefined where it is absent. */
  ints(key: string): readonly number[] | undefined {
    const found = this.#read(key);
    if (found !== undefined && found.kind !== 'ints') {
      throw this.#not(key, 'a list of whole numbers');
    }
    return found?.value;
  }

  floats(key: string): readonly number[] | undefined {
    const found = this.#read(key);
    if (found !== undefined && found.kind !== 'floats') {
      throw this.#not(key, 'a list of numbers');
    }
    return found?.value;
  }

  strings(key: string): readonly string[] | undefined {
    const found = this.#read(key);
    if (found !== undefined && found.kind !== 'strings') {
      throw this.#not(key, 'a list of texts');
    }
    return found?.value;
  }

  tensor(key: string): OnnxTensor | undefined {
    const found = this.#read(key);
    if (found !== undefined && found.kind !== 'tensor') {
      throw this.#not(key, 'a tensor');
    }
    return found?.value;
  }

  graph(key: string): OnnxGraph {
    const found = this.#read(key);
    if (found?.kind !== 'graph') {
      throw this.#not(key, 'a graph');
    }
    return found.value;
  }

  /** Names attributes that change nothing in what this node computes. */
  ignore(...keys: string[]): void {
    for (const key of keys) {
      this.#known.add(key);
    }
  }

  /** @throws LstmdError `model.refused` naming an attribute that was neither read nor ignored */
  finish(): void {
    const unknown = [...this.#attributes.keys()].find((key) => !this.#known.has(key));
    if (unknown !== undefined) {
      throw this.refused(`its attribute ${unknown} is not known to this program`);
    }
  }

  /** The error for what would not be computed exactly; the message begins with the node. */
  refused(reason: string): LstmdError {
    return new LstmdError('model.refused', `${this.#label}: ${reason}`);
  }

  /** The error for what contradicts itself; the message begins with the node. */
  malformed(reason: string): LstmdError {
    return new LstmdError('model.malformed', `${this.#label}: ${reason}`);
  }

  /** The error for axes that are not what was supposed; the message begins with the node. */
  conflict(reason: string): AxisConflict {
    return new AxisConflict(`${this.#label}: ${reason}`);
  }

  #not(key: string, what: string): LstmdError {
    return this.malformed(`its attribute ${key} is not ${what}`);
  }
}
