import { axisOf, type Operator } from '../operators/operator.js';
import type { NodeContext } from '../node-context.js';
import type { Scope } from '../scope.js';
import { axesOf } from '../values/gathered.js';
import { reshaped } from '../values/reshaped.js';
import { sizesOf, type Stream } from '../values/value.js';
import { runRecurrence, type RunStep } from './recurrence.js';
import { timeAt, timeFirst } from './scan.js';

/** A loop that the exporter wrote out, turn by turn, and that stands for its turns again. */
export const writtenLoopOf =
  (scope: Scope, run: RunStep): Operator =>
  (node) => {
    const { options } = node;
    const isOfCells = options.has('cells') && node.isStep;
    const graph = options.graph(isOfCells ? 'cells' : 'body');
    const held = options.ints('held') ?? [];
    options.ignore('body', 'cells');
    const count = options.int('states', 0);
    const turns = options.int('turns', 0);
    const axes = options.ints('axes') ?? [];
    const isReverse = options.int('reverse', 0) === 1;
    const names = graph.inputs.map(({ name }) => name);
    const given = graph.outputs.map(({ name }) => name);
    const steps = names.slice(count).map((name, i) => ({
      name,
      of: timeFirst(node, node.stream(count + i), axes[i] ?? 0),
    }));
    for (const { of } of steps) {
      checkTurns(node, of, turns);
    }
    const inner = scope.inner();
    inner.declare(graph.initializers);
    const result = runRecurrence(
      node,
      {
        nodes: graph.nodes,
        scope: inner,
        steps,
        states: names.slice(0, count).map((before, i) => ({
          before,
          after: given[i] ?? '',
          initial: node.input(i),
          isHeld: isOfCells && held[i] === 1,
        })),
        outputs: given.slice(count),
        isReverse,
      },
      run,
    );
    node.streaming = `${node.isStep ? 'state carried' : 'whole window'}, ${turns} steps written out`;
    return [...result.states, ...result.outputs];
  };

/** Checks that the loop goes over every step: a window of another length would have another number of turns. */
function checkTurns(node: NodeContext, { axes }: Stream, turns: number): void {
  const [time] = axes;
  if (time?.kind === 'time' && time.size !== turns) {
    throw node.options.refused(
      `its exporter wrote a loop out for ${turns} steps, whatever its axes say, so that it takes a window of ${turns} alone: --window ${turns} (model.window: ${turns}), or export it again with an example of as many steps as you want`,
    );
  }
}

/** The steps of a loop as Concat puts them together: `axis` is theirs, or joined with the axis that stands there. */
export const joinSteps: Operator = (node) => {
  const value = node.input(0);
  const rank = axesOf(value).length;
  const isMerged = node.options.int('merges', 0) === 1;
  const axis = axisOf(node, node.options.int('axis', 0), isMerged ? rank - 1 : rank);
  const moved = timeAt(node, value, axis);
  node.streaming = node.isStep ? 'identity' : 'whole window';
  if (!isMerged) {
    return [moved];
  }
  const sizes = sizesOf(moved);
  const joined = (sizes[axis] ?? 1) * (sizes[axis + 1] ?? 1);
  return [reshaped(node, moved, [...sizes.slice(0, axis), joined, ...sizes.slice(axis + 2)])];
};
