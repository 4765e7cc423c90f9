import type { ValueId } from '../../../plan/stream-plan.js';
import { everySample } from '../../rate.js';
import type { Tensor } from '../../tensor.js';
import type { BuiltLayer } from '../layer-builder/layer-context.js';

/** The output of a layer that computed a sequence of (steps, size) from the whole window. */
export function windowTensor(value: ValueId, size: number, steps: number): BuiltLayer {
  const output = { value, size, form: 'sequence', rate: everySample(steps), mask: null } as const;
  return { outputs: [output], streaming: 'whole window' };
}

/** The output of a layer that leaves every float as it is; no mask is handed on. */
export function unchanged(input: Tensor): BuiltLayer {
  return { outputs: [{ ...input, mask: null }], streaming: 'identity' };
}
