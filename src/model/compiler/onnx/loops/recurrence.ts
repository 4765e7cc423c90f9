import type { OnnxNode } from '../../../source/onnx-source.js';
import { printableName } from '../../../../base/printable-text.js';
import { begun } from '../../operations/cell.js';
import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { carriedAxes, laneOf, type CarriedState } from './carried-state.js';
import { liveNodes, outerNames } from '../live-nodes.js';
import { learnedNumbers } from '../operators/initial-states.js';
import type { Scope } from '../scope.js';
import { axesOf, sliced, streamOf } from '../values/gathered.js';
import { plain, type Axis, type Stream, type Value } from '../values/value.js';

/** A graph that a Loop or a Scan runs at each step of the time: what goes in, what is carried, what comes out. */
export interface Recurrence {
  readonly nodes: readonly OnnxNode[];
  /** Its names are looked up here: its initialisers, and what is the same at each step. */
  readonly scope: Scope;
  /** Streams whose first axis is the time, and the names of their steps. */
  readonly steps: readonly { readonly name: string; readonly of: Stream }[];
  readonly states: readonly CarriedState[];
  /** Values that each step gives. */
  readonly outputs: readonly string[];
  /** True where it goes from the last step to the first. */
  readonly isReverse?: boolean;
  /** Gives the names of a turn their numbers, where the body computes with them. */
  readonly setTurn?: (scope: Scope, turn: number) => void;
}

/** Holds what a recurrence gives: its states after the last step, and each output with the time as its first axis. */
export interface RecurrenceResult {
  readonly states: readonly Value[];
  readonly outputs: readonly Value[];
}

/** Builds nodes within a step, at a turn of the loop that is 0 where it is left out. */
export type RunStep = (
  nodes: readonly OnnxNode[],
  wanted: readonly string[],
  scope: Scope,
  turn?: number,
) => void;

/**
 * Adds the operations of a recurrence: step by step with its states kept in the plan's, over a window one step after the other.
 *
 * @throws AxisConflict where what it runs over is not the time; LstmdError `model.refused` for what is not a step's
 */
export function runRecurrence(
  node: NodeContext,
  given: Recurrence,
  run: RunStep,
): RecurrenceResult {
  const [first] = given.steps;
  const [time] = first?.of.axes ?? [];
  if (first === undefined || time === undefined) {
    throw node.options.refused('it takes no step of the samples at each turn');
  }
  const recurrence = {
    ...given,
    states: given.states.map((one) => ({ ...one, ...laneOf(node, one.initial, first.of) })),
  };
  for (const { of } of recurrence.steps) {
    if (of.axes[0]?.kind !== 'time') {
      throw node.options.conflict('it runs over an axis that is not the time');
    }
  }
  node.terms.anchored();
  checkSurroundings(node, recurrence);
  if (given.setTurn !== undefined) {
    node.requireWindow(
      'its body computes with the number of the step, so that no step is like another',
    );
  }
  if (given.isReverse === true) {
    node.requireWindow(
      'it reads the window from its end to its beginning, so every output needs the whole window',
    );
  }
  return node.isStep
    ? oneStep(node, recurrence, first.of, run)
    : allSteps(node, recurrence, time, run);
}

/**
 * Checks that what the body takes from around it is the same at each step, but for its own step of the samples.
 *
 * @throws NeedsWindow step by step where it is made of the samples of a window
 */
function checkSurroundings(
  node: NodeContext,
  { nodes, scope, steps, states, outputs }: Recurrence,
): void {
  if (!node.isStep || node.terms.isOneStep) {
    return;
  }
  const live = liveNodes(nodes, [...states.map(({ after }) => after), ...outputs]);
  const own = new Set([
    ...live.flatMap((one) => one.outputs),
    ...steps.map(({ name }) => name),
    ...states.map(({ before }) => before),
  ]);
  for (const one of live.filter(({ operator }) => operator !== 'Shape' && operator !== 'Size')) {
    const taken = [...one.inputs, ...outerNames(one)].find(
      (name) => !own.has(name) && scope.get(name)?.kind === 'stream',
    );
    if (taken !== undefined) {
      node.requireWindow(
        `at each step its body takes "${printableName(taken)}", which is made of all samples of the window`,
      );
    }
  }
}

function oneStep(
  node: NodeContext,
  { nodes, scope, steps, states, outputs }: Recurrence,
  clock: Stream,
  run: RunStep,
): RecurrenceResult {
  const { builder } = node;
  const inner = scope.inner();
  for (const { name, of } of steps) {
    inner.set(name, { ...of, axes: of.axes.slice(1) });
  }
  const carried = states.map((state) => {
    const axes = carriedAxes(node, state);
    if (state.isHeld === true) {
      inner.set(state.before, state.initial);
      return { axes };
    }
    const size = product(node.stored(axes));
    const stateOffset = builder.reserveState(node.name, 'h', size);
    const tick = node.array(clock).value;
    const input = begun(node, tick, stateOffset, learnedNumbers(node, state.initial));
    const output = builder.valueLike(input, size);
    builder.add({ kind: 'recall', layer: node.name, input, output, stateOffset });
    const numbers = node.terms.states.finals(size);
    if (state.initial.kind === 'state' && !node.terms.states.begin(state.initial.ids, numbers)) {
      throw node.options.refused('a state that it begins with begins another one as well');
    }
    inner.set(state.before, { kind: 'stream', axes, value: output, rate: clock.rate });
    return { axes, size, stateOffset, numbers };
  });
  run(nodes, [...states.map(({ after }) => after), ...outputs], inner);
  const finals = states.map(({ after }, i): Value => {
    const { axes = [], size = 0, stateOffset, numbers } = carried[i] ?? {};
    if (stateOffset === undefined) {
      return streamIn(node, inner, after, axes);
    }
    const input = node.array(streamIn(node, inner, after, axes)).value;
    const output = builder.valueLike(input, size);
    builder.add({ kind: 'keep', layer: node.name, input, output, stateOffset });
    const rest = numbers === undefined ? {} : { finals: numbers };
    return { kind: 'stream', axes, value: output, rate: clock.rate, ...rest };
  });
  const [time = plain(1)] = clock.axes;
  return {
    states: finals,
    outputs: outputs.map((name) => {
      const value = streamIn(node, inner, name);
      return { ...value, axes: [time, ...value.axes] };
    }),
  };
}

function allSteps(
  node: NodeContext,
  { nodes, scope, steps, states, outputs, isReverse, setTurn }: Recurrence,
  time: Axis,
  run: RunStep,
): RecurrenceResult {
  let before = states.map((state) => initialStream(node, state, steps[0]?.of));
  const numbers = states.map(({ initial }, i) => {
    const own = node.terms.states.finals(product(node.stored(before[i]?.axes ?? [])));
    if (initial.kind === 'state') {
      node.terms.states.begin(initial.ids, own);
    }
    return own;
  });
  const rows: Stream[][] = outputs.map(() => []);
  for (let turn = 0; turn < time.size; turn += 1) {
    const t = isReverse === true ? time.size - 1 - turn : turn;
    const inner = scope.inner();
    setTurn?.(inner, turn);
    for (const { name, of } of steps) {
      const step = streamOf(sliced(node, of, 0, { from: t, step: 1, count: 1 }, plain(1)));
      inner.set(name, { ...step, axes: step.axes.slice(1) });
    }
    for (const [i, state] of states.entries()) {
      const value = before[i];
      if (value !== undefined) {
        inner.set(state.before, value);
      }
    }
    run(nodes, [...states.map(({ after }) => after), ...outputs], inner, turn);
    before = states.map(({ after }, i) => streamIn(node, inner, after, before[i]?.axes));
    for (const [i, name] of outputs.entries()) {
      const row = streamIn(node, inner, name);
      if (isReverse === true) {
        rows[i]?.unshift(row);
      } else {
        rows[i]?.push(row);
      }
    }
  }
  return {
    states: before.map(({ axes, value, rate }, i) => ({
      kind: 'stream',
      axes,
      value,
      rate,
      finals: numbers[i] ?? new Int32Array(0),
    })),
    outputs: rows.map((own) => stacked(node, own, time)),
  };
}

/** Steps one after the other, with the time as their first axis. */
function stacked(node: NodeContext, rows: readonly Stream[], time: Axis): Value {
  const [first] = rows;
  if (first === undefined) {
    throw new RangeError('a window has steps');
  }
  const shape = [1, ...node.stored(first.axes)];
  const joined = node.math.concatenate(
    rows.map((row) => ({ value: node.math.asSteps(node.array(row), product(shape)), shape })),
    0,
  );
  return { kind: 'stream', axes: [time, ...first.axes], value: joined.value, rate: first.rate };
}

/** The value of a name behind a step, which must be made of the samples. */
function streamIn(node: NodeContext, scope: Scope, name: string, like?: readonly Axis[]): Stream {
  const value = scope.get(name);
  if (value?.kind !== 'stream') {
    throw node.options.refused(`"${printableName(name)}" of its body is not made of the samples`);
  }
  if (like !== undefined && product(node.stored(value.axes)) !== product(node.stored(like))) {
    throw node.options.refused(
      `"${printableName(name)}" of its body changes its size from step to step`,
    );
  }
  return like === undefined ? value : { ...value, axes: like };
}

function initialStream(
  node: NodeContext,
  { initial, axes = axesOf(initial) }: CarriedState,
  like: Stream | undefined,
): Stream {
  if (initial.kind === 'stream') {
    return initial;
  }
  const shape = node.stored(axes);
  const floats =
    initial.kind === 'constant'
      ? node.floats(initial, 'initial state')
      : new Float32Array(product(shape));
  if (like === undefined) {
    throw new RangeError('a recurrence has steps');
  }
  const array = node.math.constant(node.array(like), floats, shape);
  return node.made(array, axes, like.rate);
}
