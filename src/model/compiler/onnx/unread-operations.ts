import { inputsOf, outputsOf, type StepOp, type ValueId } from '../../plan/step-op.js';
import type { StepBuilder } from '../step-builder.js';

/** Operations that keep nothing of a step: without a reader they do nothing. */
const stateless: ReadonlySet<StepOp['kind']> = new Set([
  'dense',
  'activation',
  'affine',
  'layerNorm',
  'merge',
  'concatenate',
  'gather',
  'reduce',
  'matMul',
  'recall',
]);

/** Takes out operations whose values nothing reads, such as states on their way back to an input. */
export function dropUnread({ ops }: StepBuilder, outputs: readonly ValueId[]): void {
  const read = new Set(outputs);
  const kept: StepOp[] = [];
  for (const op of ops.toReversed()) {
    if (stateless.has(op.kind) && !outputsOf(op).some((value) => read.has(value))) {
      continue;
    }
    kept.push(op);
    for (const value of inputsOf(op)) {
      read.add(value);
    }
  }
  ops.length = 0;
  for (const op of kept.toReversed()) {
    ops.push(op);
  }
}

/** Functions that a product with weights applies to its own sums. */
const fused: ReadonlySet<string> = new Set(['sigmoid', 'tanh', 'relu', 'softmax']);

/** Has a product apply the function that alone reads it, as layers of Keras do, which is one operation less a step. */
export function fuseActivations({ ops }: StepBuilder, outputs: readonly ValueId[]): void {
  const readers = new Map<ValueId, number>(outputs.map((output) => [output, 1]));
  for (const value of ops.flatMap(inputsOf)) {
    readers.set(value, (readers.get(value) ?? 0) + 1);
  }
  for (const [i, dense] of ops.entries()) {
    const next = ops[i + 1];
    if (
      dense.kind === 'dense' &&
      dense.activation.kind === 'linear' &&
      next?.kind === 'activation' &&
      next.input === dense.output &&
      readers.get(dense.output) === 1 &&
      fused.has(next.activation.kind)
    ) {
      const { output, activation } = next;
      ops.splice(i, 2, { ...dense, output, activation });
    }
  }
}
