import type { Activation, StepOp, StreamPlan, ValueId } from '../plan/stream-plan.js';

/** The operation that wrote a value, of a step or over a whole window. */
type Producer = StepOp | { readonly kind: 'other'; readonly input: ValueId };

/**
 * The activation of the layer that an output comes from, found by going back over what changes no number
 * (reshapes, crops, repeats). `linear` where the last layer has none; undefined where it is no Dense and
 * no activation, such as a recurrent layer or a merge.
 *
 * @param output index among the plan's outputs
 */
export function headActivation(plan: StreamPlan, output: number): Activation | undefined {
  const { producers, value } = graphOf(plan, output);
  let at: ValueId | undefined = value;
  // Each operation writes a value of its own, so that a walk back is no longer than the list of them.
  for (let steps = 0; at !== undefined && steps <= producers.size; steps += 1) {
    const producer = producers.get(at);
    switch (producer?.kind) {
      case 'dense':
      case 'timeDense':
      case 'conv':
      case 'activation':
        return producer.activation;
      case 'affine':
      case 'skip':
      case 'pool':
      case 'globalPool':
      case 'other':
        at = producer.input;
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** Returns whether a layer makes a vector a sequence again (RepeatVector), as decoders do. */
export function hasDecoder({ windowPlan }: StreamPlan): boolean {
  return windowPlan?.ops.some((op) => op.kind === 'repeat') ?? false;
}

function graphOf(plan: StreamPlan, output: number) {
  const producers = new Map<ValueId, Producer>();
  const { windowPlan } = plan;
  if (windowPlan === null) {
    for (const op of plan.ops) {
      producers.set(op.output, op);
    }
    return { producers, value: plan.outputs[output]?.value };
  }
  for (const op of windowPlan.ops) {
    if (op.kind === 'scan') {
      producers.set(op.op.output, op.op);
    } else if ('input' in op) {
      producers.set(op.output, { kind: 'other', input: op.input });
    }
  }
  return { producers, value: windowPlan.outputs[output] };
}
