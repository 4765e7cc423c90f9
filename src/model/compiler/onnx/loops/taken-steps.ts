import type { OnnxNode } from '../../../source/onnx-source.js';
import { numberOf } from '../attribute-number.js';
import { outerNames } from '../live-nodes.js';
import type { NodeContext } from '../node-context.js';
import { axisOf } from '../operators/operator.js';
import type { Scope } from '../scope.js';
import { plain, type Stream } from '../values/value.js';
import type { LoopBody } from './loop-body.js';
import type { RunStep } from './recurrence.js';
import { fromLastToFirst, timeFirst } from './scan.js';

/** Builds nodes of a body where the loop stands, and not within one of its steps. */
export type RunAround = (
  nodes: readonly OnnxNode[],
  wanted: readonly string[],
  scope: Scope,
) => void;

/** The steps of the samples that a body takes by the number of the turn. */
export interface TakenSteps {
  /** The nodes of the body without those that take a step. */
  readonly nodes: readonly OnnxNode[];
  /** Each with its steps in the order of the turns. */
  readonly steps: readonly { readonly name: string; readonly of: Stream }[];
}

/**
 * Finds the nodes of a body that take a step of the samples by the number of the turn, from the first to the last or from the
 * last to the first.
 *
 * @param scope the body's: what is the same at each turn is built into it, where a step is taken of that
 * @throws LstmdError `model.refused` for steps in any other order
 */
export function takenSteps(
  node: NodeContext,
  body: LoopBody,
  scope: Scope,
  { step, around }: { readonly step: RunStep; readonly around: RunAround },
): TakenSteps {
  const takers = takersOf(body);
  const made = [...takers].flatMap(({ inputs: [of = ''] }) => (scope.get(of) ? [] : [of]));
  around(body.graph.nodes, made, scope);
  const steps: { readonly name: string; readonly of: Stream }[] = [];
  const nodes = body.graph.nodes.filter((one) => {
    const [of = '', at = ''] = one.inputs;
    const value = takers.has(one) ? scope.get(of) : undefined;
    if (value?.kind !== 'stream') {
      return true;
    }
    const axis = axisOf(node, numberOf(one, 'axis') ?? 0, value.axes.length);
    const moved = timeFirst(node, value, axis);
    steps.push({ name: one.outputs[0] ?? '', of: inTurn(node, body, moved, at, scope, step) });
    return false;
  });
  return { nodes, steps };
}

/** The nodes that pick what hangs on the number of the turn alone from what is the same at each. */
function takersOf(body: LoopBody): Set<OnnxNode> {
  const varying = varyingNames(body);
  return new Set(
    body.graph.nodes.filter(({ operator, domain, inputs: [of = '', at = ''] }) => {
      const isGather = operator === 'Gather' && domain === '';
      return isGather && !varying.has(of) && (body.isCounted(at) || body.hangsOnTurnAlone(at));
    }),
  );
}

/** Names of a body that may be something else at each turn. */
function varyingNames(body: LoopBody): Set<string> {
  const varying = new Set(body.graph.inputs.map(({ name }) => name));
  for (const one of body.graph.nodes) {
    if ([...one.inputs, ...outerNames(one)].some((name) => varying.has(name))) {
      for (const output of one.outputs) {
        varying.add(output);
      }
    }
  }
  return varying;
}

/** The steps in the order in which the turns take them. */
function inTurn(
  node: NodeContext,
  body: LoopBody,
  stream: Stream,
  at: string,
  scope: Scope,
  step: RunStep,
): Stream {
  const [time = plain(1)] = stream.axes;
  if (body.isCounted(at)) {
    return stream;
  }
  const taken = Array.from({ length: time.size }, (_, turn) => {
    const inner = scope.inner();
    body.setTurn(inner, turn);
    step(body.graph.nodes, [at], inner, 1);
    const value = inner.get(at);
    const index = value?.kind === 'constant' ? (value.data[0] ?? Number.NaN) : Number.NaN;
    return index < 0 ? index + time.size : index;
  });
  if (taken.every((index, turn) => index === turn)) {
    return stream;
  }
  if (!taken.every((index, turn) => index === time.size - 1 - turn)) {
    throw node.options.refused(
      `its body takes step ${taken[0] ?? 0} of the samples at its first turn, step ${taken[1] ?? 0} at the next, and neither every step in order nor every step from the last to the first: export nn.LSTM, nn.GRU or nn.RNN, or one step of the module with its states as inputs and outputs`,
    );
  }
  return fromLastToFirst(node, stream);
}
