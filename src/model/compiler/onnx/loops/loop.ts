import type { OnnxNode } from '../../../source/onnx-source.js';
import { liveNodes, outerNames } from '../live-nodes.js';
import type { NodeContext } from '../node-context.js';
import type { Operator } from '../operators/operator.js';
import type { Scope } from '../scope.js';
import { constantOf, type Value } from '../values/value.js';
import { LoopBody, type Carried } from './loop-body.js';
import { runRecurrence, type RunStep } from './recurrence.js';
import { takenSteps, type RunAround } from './taken-steps.js';

/**
 * Loop over the steps of a window, as tf2onnx writes cells, and PyTorch loops of a script: at each turn it takes one step of
 * the samples by the number of the turn, and carries its states.
 */
export const loopOf =
  (scope: Scope, runs: { readonly step: RunStep; readonly around: RunAround }): Operator =>
  (node) => {
    const inner = scope.inner();
    inner.declare(node.options.graph('body').initializers);
    const body = new LoopBody(node, inner);
    const states = body.carried.filter((one) => !body.isCounter(one) && !body.isConstant(one));
    for (const one of body.carried.filter((carried) => body.isConstant(carried))) {
      inner.set(one.before, one.initial);
    }
    const taken = takenSteps(node, body, inner, runs);
    const [clock] = taken.steps;
    const time = clock?.of.axes[0];
    if (time === undefined) {
      throw node.options.refused(
        'a loop whose turns take no step of the samples by their number (Gather) is not supported: export nn.LSTM, nn.GRU or nn.RNN, or one step of the module with its states as inputs and outputs',
      );
    }
    if (time.kind === 'time') {
      node.terms.anchored();
      checkTurns(node, body, inner, runs.step, time.size);
    }
    const result = runRecurrence(
      node,
      {
        nodes: taken.nodes,
        scope: inner,
        steps: taken.steps,
        states,
        outputs: body.outputs,
        ...(isCounting(body, taken.nodes, states) && { setTurn: body.setTurn.bind(body) }),
      },
      runs.step,
    );
    node.streaming = node.isStep ? 'state carried' : 'whole window';
    return [
      ...body.carried.map((one): Value => {
        const at = states.indexOf(one);
        return at < 0
          ? body.isCounter(one)
            ? constantOf('whole', [], [time.size])
            : one.initial
          : (result.states[at] ?? one.initial);
      }),
      ...result.outputs,
    ];
  };

/** Returns whether what a body gives is computed from the number of the turn. */
function isCounting(
  body: LoopBody,
  nodes: readonly OnnxNode[],
  states: readonly Carried[],
): boolean {
  const live = liveNodes(nodes, [...states.map(({ after }) => after), ...body.outputs]);
  return live.some((one) => [...one.inputs, ...outerNames(one)].some((name) => body.isTurn(name)));
}

const isEndedBySamples =
  'its condition hangs on the samples, so that a window may end at any of its steps, which is not supported: export the module without it';

/**
 * Checks that there are as many turns as steps.
 *
 * @throws LstmdError `model.refused` where there are not, or the samples decide
 */
function checkTurns(
  node: NodeContext,
  body: LoopBody,
  scope: Scope,
  run: RunStep,
  time: number,
): void {
  const count = node.constant(0, 'number of turns')?.data[0] ?? Infinity;
  const isBegun = node.constant(1, 'condition')?.data[0] !== 0;
  const goesOn = (turn: number): boolean => {
    if (body.goesOnAlways) {
      return true;
    }
    if (body.hangsOnStates(body.condition)) {
      throw node.options.refused(isEndedBySamples);
    }
    const inner = scope.inner();
    body.setTurn(inner, turn);
    run(body.graph.nodes, [body.condition], inner, 1);
    const value = inner.get(body.condition);
    if (value?.kind !== 'constant') {
      throw node.options.refused(isEndedBySamples);
    }
    return value.data[0] !== 0;
  };
  let turns = isBegun ? 1 : 0;
  while (turns > 0 && turns < Math.min(count, time + 1) && goesOn(turns - 1)) {
    turns += 1;
  }
  if (Math.min(turns, count) !== time) {
    const own = turns > time ? `more than ${time}` : `${Math.min(turns, count)}`;
    throw node.options.refused(
      `it turns ${own} times, and its input has ${time} steps: a loop over a part of the window is not supported; where its exporter wrote the number of turns down, it is the window (model.window, --window)`,
    );
  }
}
