import type { NodeContext } from '../node-context.js';
import { pickedAlong, sliced, streamOf, transposed } from '../values/gathered.js';
import { firstLane } from '../values/lanes.js';
import { plain, type Stream } from '../values/value.js';
import type { GateTensors } from './gate-weights.js';
import { shapeText } from './operator.js';

/** Holds what a recurrent node runs over. */
export interface RecurrentInput {
  /** X as (time, batch, features), without the steps behind `sequence_lens`. */
  readonly x: Stream;
  /** Steps of X that `sequence_lens` leaves out. */
  readonly omitted: number;
}

/**
 * Reads X and `sequence_lens` of a recurrent node.
 *
 * @throws AxisConflict where its axes are not time, batch and features; NeedsWindow step by step where steps are left out
 */
export function readInput(
  node: NodeContext,
  tensors: GateTensors,
  isBatchFirst: boolean,
): RecurrentInput {
  const x = stepsOf(node, tensors, isBatchFirst);
  const [time] = x.axes;
  const steps = time?.size ?? 1;
  const length = lengthOf(node, steps);
  if (length === steps || time === undefined) {
    return { x, omitted: 0 };
  }
  node.requireWindow(
    `sequence_lens says that ${length} of the window's steps are the sample's, and the others padding`,
  );
  const kept = sliced(
    node,
    x,
    0,
    { from: 0, step: 1, count: length },
    { size: length, kind: time.kind },
  );
  return { x: streamOf(kept), omitted: steps - length };
}

/** The outputs of each step, with zeros for the steps that were left out. */
export function withOmitted(node: NodeContext, y: Stream, omitted: number): Stream {
  const [time] = y.axes;
  if (omitted === 0 || time === undefined) {
    return y;
  }
  const kept = Array.from({ length: time.size + omitted }, (_, i) => (i < time.size ? i : -1));
  return streamOf(pickedAlong(node, y, 0, kept, { ...time, size: time.size + omitted }));
}

function stepsOf(node: NodeContext, { inputs }: GateTensors, isBatchFirst: boolean): Stream {
  const given = inputOf(node, isBatchFirst);
  if (given.axes.length !== 3) {
    throw node.options.malformed(`its input has shape ${shapeText(given)} in place of three axes`);
  }
  const x = isBatchFirst ? streamOf(transposed(node, given, [1, 0, 2])) : given;
  const [time, batch, features] = x.axes;
  const isTime = time?.kind === 'time';
  const isConflict =
    time?.kind === 'batch' ||
    batch?.kind === 'time' ||
    features?.kind === 'time' ||
    features?.kind === 'batch';
  if (isConflict) {
    throw node.options.conflict('it takes (time, batch, features), which its input is not');
  }
  if (features?.size !== inputs) {
    throw node.options.malformed(
      `its input has ${features?.size ?? 0} features, and its weights are for ${inputs}`,
    );
  }
  if (batch?.kind !== 'batch' && batch?.size !== 1) {
    throw node.options.refused(
      `its batch is of ${batch?.size ?? 0}, which are no lanes of the input; where it runs over each feature by itself, export the model for one and run a stream of each`,
    );
  }
  const isOneStep = node.terms.isOneStep && time?.size === 1;
  if (isTime || isOneStep) {
    node.terms.anchored();
  }
  if (node.isStep && !isTime && !isOneStep) {
    node.requireWindow('it runs over steps that are made of a whole window');
  }
  return x;
}

/** X; a decoder may run over steps that no sample changes, such as zeros, from the state of its encoder. */
function inputOf(node: NodeContext, isBatchFirst: boolean): Stream {
  const value = node.input(0);
  const state = node.inputs.slice(5, 7).find((one) => one?.kind === 'stream');
  if (value.kind !== 'constant' || state?.kind !== 'stream') {
    return node.stream(0);
  }
  node.requireWindow('it runs over steps that no sample changes, from a state that others give');
  const batch = isBatchFirst ? 0 : 1;
  const lane = firstLane(node, value, batch);
  if (lane.kind !== 'constant') {
    throw new RangeError('a lane of a constant is one');
  }
  const made = node.math.constant(node.array(state), node.floats(lane, 'input'), lane.shape);
  return node.made(made, lane.shape.map(plain), state.rate);
}

/**
 * Returns how many steps `sequence_lens` says that a sample has.
 *
 * @throws LstmdError `model.refused` where it is computed from the samples, or another for each lane
 */
function lengthOf(node: NodeContext, steps: number): number {
  const lengths = node.inputs[4];
  if (lengths === undefined) {
    return steps;
  }
  if (lengths.kind !== 'constant') {
    throw node.options.refused(
      'sequence_lens, the lengths of padded windows (pack_padded_sequence), is not constant, which is not supported: a stream has no padding; export the module without them',
    );
  }
  const [first = steps] = lengths.data;
  if (lengths.data.some((length: number) => length !== first)) {
    throw node.options.refused('sequence_lens is another for each lane of the batch');
  }
  if (!Number.isSafeInteger(first) || first < 1 || first > steps) {
    throw node.options.malformed(`sequence_lens ${first} is no length within ${steps} steps`);
  }
  return first;
}
