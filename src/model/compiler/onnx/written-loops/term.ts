import type { OnnxNode, OnnxTensor } from '../../../source/onnx-source.js';

/** A node with the terms that it takes; null where an input is left out. */
export interface TermNode {
  readonly node: OnnxNode;
  readonly inputs: readonly (Term | null)[];
  /** Its operator and its attributes: nodes of one key give the same of the same inputs. */
  readonly key: string;
}

/** A value of a graph. What is computed alike from the same is one term, under however many names it stands. */
export interface Term {
  readonly id: number;
  /** The first of its names. */
  readonly name: string;
  /** Null for an input of the graph and for a tensor of the file. */
  readonly from: TermNode | null;
  /** Which output of its node it is. */
  readonly output: number;
  /** Its numbers, where they are the file's. */
  readonly tensor: OnnxTensor | null;
  /** The index of an axis of another term that it is. */
  readonly pick: Pick | null;
}

/** One index of an axis, as Gather, Slice and Split take it. */
export interface Pick {
  readonly of: Term;
  /** As the node has it: from the end where it is negative. */
  readonly axis: number;
  /** From the end where it is negative. */
  readonly index: number;
  /** True where the axis is left, with a size of 1. */
  readonly isKept: boolean;
  /** True where it is an index only if it is the last: all from it on. */
  readonly isTail: boolean;
}
