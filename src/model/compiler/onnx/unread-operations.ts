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
  ops.splice(0, ops.length, ...kept.toReversed());
}
