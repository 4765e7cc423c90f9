import { parseDecimal } from './decimal.js';
import {
  isBlank,
  isEndOfScalar,
  passedScalar,
  passedString,
  type LineShape,
} from './line-shape.js';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const mostDepth = 16;

/** A place in a JSON value: what is wanted at it, and the places within it. */
export interface PathNode {
  /** Index of the number that is wanted here; -1 where none is. */
  target: number;
  readonly keys: { readonly bytes: Uint8Array; readonly node: PathNode }[];
  readonly items: Map<number, PathNode>;
}

/** A node for paths such as `accel.x` or `0`; numbers are items of an array. */
export function pathTree(paths: readonly string[]): PathNode {
  const root: PathNode = { target: -1, keys: [], items: new Map() };
  for (const [target, path] of paths.entries()) {
    let node = root;
    for (const part of path.split('.')) {
      const next: PathNode = { target: -1, keys: [], items: new Map() };
      const bytes = Buffer.from(part, 'utf8');
      const known = node.keys.find((key) => Buffer.compare(key.bytes, bytes) === 0)?.node;
      if (known === undefined) {
        node.keys.push({ bytes, node: next });
        if (/^\d+$/.test(part)) {
          node.items.set(Number(part), next);
        }
      }
      node = known ?? next;
    }
    node.target = target;
  }
  return root;
}

/**
 * Reads the numbers at some paths of a JSON text, and checks that the whole of it is JSON as far as its structure
 * goes, without making objects of it.
 */
export class JsonScan {
  readonly #root: PathNode;
  readonly #shape: LineShape;
  #values: Float64Array = new Float64Array(0);
  #found = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #at = 0;
  #isBroken = false;

  /** @param shape is told where a text has its values */
  constructor(root: PathNode, shape: LineShape) {
    this.#root = root;
    this.#shape = shape;
  }

  /**
   * Reads a value in `bytes[start..end)`.
   *
   * @param values takes the number at each path; NaN where it is no number
   * @returns how many of the numbers were there, or -1 where the text is no JSON or has one twice
   */
  read(bytes: Uint8Array, start: number, end: number, values: Float64Array): number {
    this.#bytes = bytes;
    this.#end = end;
    this.#at = start;
    this.#values = values;
    this.#found = 0;
    this.#isBroken = false;
    this.#shape.begin();
    values.fill(Number.NaN);
    this.#value(this.#root, 0);
    this.#blanks();
    return this.#isBroken || this.#at !== end ? -1 : this.#found;
  }

  #value(node: PathNode | undefined, depth: number): void {
    this.#blanks();
    const byte = this.#bytes[this.#at];
    if (this.#at >= this.#end || depth > mostDepth) {
      this.#isBroken = true;
    } else if (byte === openBrace) {
      this.#object(node, depth);
    } else if (byte === openBracket) {
      this.#array(node, depth);
    } else if (byte === quote) {
      const start = this.#at;
      this.#string();
      this.#shape.mark(start, this.#at, passedString);
    } else {
      this.#scalar(node);
    }
  }

  #object(node: PathNode | undefined, depth: number): void {
    this.#at += 1;
    this.#blanks();
    if (this.#take(closeBrace)) {
      return;
    }
    do {
      this.#blanks();
      const keyAt = this.#at + 1;
      if (this.#at >= this.#end || this.#bytes[this.#at] !== quote) {
        this.#isBroken = true;
        return;
      }
      this.#string();
      const keyEnd = this.#at - 1;
      this.#blanks();
      if (!this.#take(colon)) {
        this.#isBroken = true;
        return;
      }
      this.#value(node === undefined ? undefined : this.#child(node, keyAt, keyEnd), depth + 1);
      this.#blanks();
    } while (!this.#isBroken && this.#take(comma));
    this.#isBroken ||= !this.#take(closeBrace);
  }

  #array(node: PathNode | undefined, depth: number): void {
    this.#at += 1;
    this.#blanks();
    if (this.#take(closeBracket)) {
      return;
    }
    let index = 0;
    do {
      this.#value(node?.items.get(index), depth + 1);
      index += 1;
      this.#blanks();
    } while (!this.#isBroken && this.#take(comma));
    this.#isBroken ||= !this.#take(closeBracket);
  }

  #child(node: PathNode, start: number, end: number): PathNode | undefined {
    for (let n = 0; n < node.keys.length; n += 1) {
      const key = node.keys[n];
      if (key !== undefined && isSame(this.#bytes, start, end, key.bytes)) {
        return key.node;
      }
    }
    return undefined;
  }

  #string(): void {
    const bytes = this.#bytes;
    for (let at = this.#at + 1; at < this.#end; at += 1) {
      if (bytes[at] === backslash) {
        at += 1;
      } else if (bytes[at] === quote) {
        this.#at = at + 1;
        return;
      }
    }
    this.#at = this.#end;
    this.#isBroken = true;
  }

  #scalar(node: PathNode | undefined): void {
    const start = this.#at;
    let at = start;
    while (at < this.#end && !isEndOfScalar(this.#bytes[at] ?? 0)) {
      at += 1;
    }
    this.#at = at;
    this.#isBroken ||= at === start;
    if (node !== undefined && node.target !== -1) {
      this.#isBroken ||= !Number.isNaN(this.#values[node.target] ?? 0);
      this.#values[node.target] = parseDecimal(this.#bytes, start, at, false);
      this.#found += 1;
      this.#shape.mark(start, at, node.target);
    } else {
      this.#shape.mark(start, at, passedScalar);
    }
  }

  #take(byte: number): boolean {
    if (this.#at < this.#end && this.#bytes[this.#at] === byte) {
      this.#at += 1;
      return true;
    }
    return false;
  }

  #blanks(): void {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at] ?? 0)) {
      this.#at += 1;
    }
  }
}

function isSame(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (end - start !== other.length) {
    return false;
  }
  for (let n = 0; n < other.length; n += 1) {
    if (bytes[start + n] !== other[n]) {
      return false;
    }
  }
  return true;
}
