import { printableName } from '../../../../base/printable-text.js';
import type { NodeContext } from '../node-context.js';
import { axesOf } from '../values/gathered.js';
import { firstLane } from '../values/lanes.js';
import { plain, type Axis, type Stream, type Value } from '../values/value.js';

/** A value that goes from step to step. */
export interface CarriedState {
  readonly before: string;
  readonly after: string;
  readonly initial: Value;
  /** Its axes, where it begins with one lane of a constant that has more. */
  readonly axes?: readonly Axis[];
  /** True where a recurrent operator within the step keeps it: before it is then what it begins with. */
  readonly isHeld?: boolean;
}

/** A state for one lane of the batch: a constant may have as many rows as the samples have lanes. */
export function laneOf(
  node: NodeContext,
  initial: Value,
  clock: Stream,
): Pick<CarriedState, 'initial' | 'axes'> {
  const batch = clock.axes.findIndex(({ kind }) => kind === 'batch');
  const lanes = clock.axes[batch]?.size ?? 1;
  if (initial.kind !== 'constant' || lanes === 1) {
    return { initial };
  }
  // The time is the first axis of the samples, and none of a state.
  const own = batch - 1;
  const axis = initial.shape[own] === lanes ? own : initial.shape.indexOf(lanes);
  const axes = initial.shape.map((size, i): Axis =>
    i === axis ? { size, kind: 'batch' } : plain(size),
  );
  return axis < 0 ? { initial } : { initial: firstLane(node, initial, axis), axes };
}

/** Axes of a state: those of more lanes than one are the batch. */
export function carriedAxes(
  node: NodeContext,
  { initial, before, axes }: CarriedState,
): readonly Axis[] {
  if (initial.kind === 'stream') {
    node.requireWindow(
      `its state "${printableName(before)}" begins with what another node computes`,
    );
  }
  return axes ?? axesOf(initial);
}
