import type { OnnxGraph, OnnxNode } from '../../../source/onnx-source.js';
import type { NodeContext } from '../node-context.js';
import type { Operator } from '../operators/operator.js';
import type { Scope } from '../scope.js';
import { constantOf, type Stream, type Value } from '../values/value.js';
import { runRecurrence, type RunStep } from './recurrence.js';

/** Operators behind which a number is the same number. */
const passing: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
]);

/** The names of a loop's body. */
interface Body {
  readonly graph: OnnxGraph;
  readonly givers: ReadonlyMap<string, OnnxNode>;
  readonly turn: string;
  readonly carried: readonly Carried[];
  readonly condition: string;
  readonly outputs: readonly string[];
}

interface Carried {
  readonly before: string;
  readonly after: string;
  readonly initial: Value;
}

/**
 * Loop over the steps of a window, as tf2onnx writes cells: at each turn it takes one step of the samples by the number of
 * the turn, and carries its states.
 */
export const loopOf =
  (scope: Scope, run: RunStep): Operator =>
  (node) => {
    const body = readBody(node);
    const inner = scope.inner();
    inner.declare(body.graph.initializers);
    const counters = counterNames(body, inner);
    const constants = body.carried.filter(
      ({ before, after }) => !counters.has(before) && source(body, after) === before,
    );
    const states = body.carried.filter(
      (one) => !counters.has(one.before) && !constants.includes(one),
    );
    for (const { before, initial } of constants) {
      inner.set(before, initial);
    }
    const taken = stepsTaken(node, body, counters, inner);
    const [clock] = taken.steps;
    if (clock === undefined) {
      throw node.options.refused(
        'a loop whose turns take no step of the samples by their number is not supported',
      );
    }
    const time = clock.of.axes[0]?.size ?? 1;
    checkTurns(node, body, { counters, scope: inner, run }, time);
    const result = runRecurrence(
      node,
      {
        nodes: taken.nodes,
        scope: inner,
        steps: taken.steps,
        states,
        outputs: body.outputs,
      },
      run,
    );
    node.streaming = node.isStep ? 'state carried' : 'whole window';
    return [
      ...body.carried.map((one): Value => {
        const at = states.indexOf(one);
        return at < 0
          ? counters.has(one.before)
            ? constantOf('whole', [], [time])
            : one.initial
          : (result.states[at] ?? one.initial);
      }),
      ...result.outputs,
    ];
  };

function readBody(node: NodeContext): Body {
  const graph = node.options.graph('body');
  const [turn = '', , ...before] = graph.inputs.map(({ name }) => name);
  const [condition = '', ...after] = graph.outputs.map(({ name }) => name);
  const givers = new Map<string, OnnxNode>();
  for (const one of graph.nodes) {
    for (const output of one.outputs) {
      givers.set(output, one);
    }
  }
  const carried = before.map((name, i): Carried => {
    const initial = node.inputs[2 + i];
    const out = after[i];
    if (initial === undefined || out === undefined) {
      throw node.options.malformed(`its body carries "${name}", which nothing begins or gives`);
    }
    return { before: name, after: out, initial };
  });
  return { graph, givers, turn, carried, condition, outputs: after.slice(carried.length) };
}

/** The value that a value is, behind nodes that pass it on. */
function source({ givers }: Body, name: string): string {
  let at = name;
  for (let giver = givers.get(at); giver !== undefined; giver = givers.get(at)) {
    const [input] = giver.inputs;
    if (!passing.has(giver.operator) || giver.domain !== '' || input === undefined) {
      break;
    }
    at = input;
  }
  return at;
}

/** The names that hold the number of the turn: the loop's own, and those that count from 0 by 1. */
function counterNames(body: Body, scope: Scope): Set<string> {
  const counters = new Set([body.turn]);
  for (const { before, after, initial } of body.carried) {
    const giver = body.givers.get(source(body, after));
    const [a = '', b = ''] = giver?.inputs ?? [];
    const isCounted =
      giver?.operator === 'Add' &&
      ((source(body, a) === before && isOne(body, scope, b)) ||
        (source(body, b) === before && isOne(body, scope, a)));
    if (isCounted && initial.kind === 'constant' && initial.data.every((x: number) => x === 0)) {
      counters.add(before);
    }
  }
  return counters;
}

function isOne(body: Body, scope: Scope, name: string): boolean {
  const at = source(body, name);
  const attribute = body.givers.get(at)?.attributes.get('value');
  const known = scope.get(at);
  const data =
    known?.kind === 'constant'
      ? known.data
      : attribute?.kind === 'tensor'
        ? attribute.value.data
        : undefined;
  return data?.length === 1 && data[0] === 1;
}

/** The nodes of the body without those that take a step by the number of the turn, and what these give. */
function stepsTaken(
  node: NodeContext,
  body: Body,
  counters: ReadonlySet<string>,
  scope: Scope,
): {
  readonly nodes: readonly OnnxNode[];
  readonly steps: readonly { readonly name: string; readonly of: Stream }[];
} {
  const steps: { readonly name: string; readonly of: Stream }[] = [];
  const nodes = body.graph.nodes.filter((one) => {
    const [of = '', at = ''] = one.inputs;
    const value = scope.get(source(body, of));
    const axis = one.attributes.get('axis');
    const isTaken =
      one.operator === 'Gather' &&
      one.domain === '' &&
      value?.kind === 'stream' &&
      counters.has(source(body, at));
    if (!isTaken) {
      return true;
    }
    if (axis !== undefined && (axis.kind !== 'int' || axis.value !== 0)) {
      throw node.options.refused('its body takes a step along an axis that is not the first');
    }
    steps.push({ name: one.outputs[0] ?? '', of: value });
    return false;
  });
  return { nodes, steps };
}

/**
 * Checks that there are as many turns as steps.
 *
 * @throws LstmdError `model.refused` where there are not, or the samples decide
 */
function checkTurns(
  node: NodeContext,
  body: Body,
  {
    counters,
    scope,
    run,
  }: { readonly counters: ReadonlySet<string>; readonly scope: Scope; readonly run: RunStep },
  time: number,
): void {
  const count = node.constant(0, 'number of turns')?.data[0] ?? Infinity;
  const goesOn = (turn: number): boolean => {
    const inner = scope.inner();
    inner.set(body.turn, constantOf('whole', [], [turn]));
    for (const counter of counters) {
      inner.set(counter, constantOf('whole', [], [turn]));
    }
    run(body.graph.nodes, [body.condition], inner);
    const value = inner.get(body.condition);
    if (value?.kind !== 'constant') {
      throw node.options.refused('a loop that ends where the samples say so is not supported');
    }
    return value.data[0] !== 0;
  };
  const isWhole =
    count === time ||
    (count > time && time > 0 && !goesOn(time - 1) && (time < 2 || goesOn(time - 2)));
  if (!isWhole) {
    throw node.options.refused(
      `it turns ${count === Infinity ? 'another number of' : count} times, and its input has ${time} steps`,
    );
  }
}
