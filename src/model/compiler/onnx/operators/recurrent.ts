import type { Activation, ValueId } from '../../../plan/stream-plan.js';
import { everySample } from '../../rate.js';
import { AxisConflict } from '../axis-conflict.js';
import type { NodeContext } from '../node-context.js';
import { sliced, transposed } from '../values/gathered.js';
import { plain, sizesOf, type Axis, type Stream, type Value } from '../values/value.js';
import type { OnnxCell } from './cells.js';
import { readGates, type GateTensors } from './gate-weights.js';
import { shapeText, type Operator } from './operator.js';
import { readActivations } from './recurrent-activation.js';

const directionCounts: ReadonlyMap<string, number> = new Map([
  ['forward', 1],
  ['reverse', 1],
  ['bidirectional', 2],
]);

/** One direction of a recurrent node, built. */
interface BuiltDirection {
  /** The output of each step. */
  readonly steps: ValueId;
  /** Its states after the last step, in the order of its roles; null where the plan has no value for one. */
  readonly finals: readonly (ValueId | null)[];
  readonly numbers: Int32Array;
}

/** LSTM, GRU and RNN: over the steps of X (time, batch, features). */
export const recurrent =
  (cell: OnnxCell): Operator =>
  (node) => {
    const { options } = node;
    const direction = options.string('direction', 'forward');
    const directions = directionCounts.get(direction);
    if (directions === undefined) {
      throw options.malformed(`direction="${direction}" is not known`);
    }
    const isBatchFirst = options.int('layout', 0) === 1;
    if (options.has('clip')) {
      throw options.refused('clip, which bounds what its functions are given, is not supported');
    }
    options.ignore('output_sequence', 'input_forget', 'linear_before_reset');
    const tensors = readGates(node, cell.gates, directions);
    const x = input(node, tensors, isBatchFirst);
    checkLengths(node, x);
    if (node.inputs[7] !== undefined && cell.roles.length === 2) {
      const peepholes = node.constant(7, 'peepholes');
      if (peepholes !== undefined && peepholes.data.some((number: number) => number !== 0)) {
        throw options.refused('peepholes are not supported');
      }
    }
    if (direction !== 'forward') {
      node.requireWindow(
        `direction="${direction}" reads the window from its end to its beginning, so every output needs the whole window`,
      );
    }
    const activations = readActivations(node, cell.activations, directions);
    const each = cell.activations.length;
    const built = Array.from({ length: directions }, (_, i) =>
      buildDirection(node, cell, tensors, x, {
        index: i,
        isReverse: direction === 'reverse' || i === 1,
        isBatchFirst,
        activations: activations.slice(i * each, (i + 1) * each),
      }),
    );
    node.streaming = node.isStep ? 'state carried' : 'whole window';
    return outputs(node, cell, tensors, x, built, isBatchFirst);
  };

/** X as (time, batch, features). */
function input(node: NodeContext, { inputs }: GateTensors, isBatchFirst: boolean): Stream {
  const given = node.stream(0);
  if (given.axes.length !== 3) {
    throw node.options.malformed(`its input has shape ${shapeText(given)} in place of three axes`);
  }
  const x = isBatchFirst ? (transposed(node, given, [1, 0, 2]) as Stream) : given;
  const [time, batch, features] = x.axes;
  const isTime = time?.kind === 'time';
  const isConflict =
    time?.kind === 'batch' ||
    batch?.kind === 'time' ||
    features?.kind === 'time' ||
    features?.kind === 'batch';
  if (isConflict) {
    throw new AxisConflict(
      `${node.options.malformed('').message}it takes (time, batch, features), which its input is not`,
    );
  }
  if (features?.size !== inputs) {
    throw node.options.malformed(
      `its input has ${features?.size ?? 0} features, and its weights are for ${inputs}`,
    );
  }
  if (batch?.kind !== 'batch' && batch?.size !== 1) {
    throw node.options.refused(
      `its batch is of ${batch?.size ?? 0}, which are no lanes of the input`,
    );
  }
  if (isTime || node.terms.isOneStep) {
    node.terms.anchored();
  }
  if (node.isStep && !isTime && !(node.terms.isOneStep && time?.size === 1)) {
    node.requireWindow('it runs over steps that are made of a whole window');
  }
  return x;
}

/** Lengths that are the window's change nothing. */
function checkLengths(node: NodeContext, x: Stream): void {
  const lengths = node.inputs[4];
  if (lengths === undefined) {
    return;
  }
  const steps = x.axes[0]?.size;
  if (lengths.kind !== 'constant' || lengths.data.some((length: number) => length !== steps)) {
    throw node.options.refused(
      'sequence_lens, the lengths of padded windows (pack_padded_sequence), are not supported: a stream has no padding; export the module without them',
    );
  }
}

function buildDirection(
  node: NodeContext,
  cell: OnnxCell,
  tensors: GateTensors,
  x: Stream,
  {
    index,
    isReverse,
    isBatchFirst,
    activations,
  }: {
    readonly index: number;
    readonly isReverse: boolean;
    readonly isBatchFirst: boolean;
    readonly activations: readonly Activation[];
  },
): BuiltDirection {
  const { builder } = node;
  const { units } = tensors;
  const array = node.array(x);
  const from = builder.kind === 'window' ? node.math.asSteps(array, tensors.inputs) : array.value;
  const output = builder.valueLike(from, units);
  const site = {
    name: index === 0 ? node.name : `${node.name}/reverse`,
    builder,
    input: from,
    output,
    units,
    mask: null,
    activation: cell.candidate(node, activations),
  };
  const numbers = node.terms.states.finals(units * cell.roles.length);
  const initial = initialStates(node, cell, tensors, { index, isBatchFirst, numbers });
  const add = (): void => {
    cell.add(node, site, tensors, index, activations);
  };
  if (builder.kind === 'window' && isReverse) {
    builder.reversed(() => {
      add();
    });
  } else {
    add();
  }
  if (builder.kind === 'step') {
    return {
      steps: output,
      finals: cell.roles.map((role) => (role === 'h' ? output : null)),
      numbers,
    };
  }
  const finals = cell.roles.map(() => builder.value(units, 1));
  builder.carryStates(initial, finals);
  return { steps: output, finals, numbers };
}

/**
 * The states that a direction begins with: values of a window; none for zeros. Those that the caller feeds back are
 * noted, and begin with zeros.
 */
function initialStates(
  node: NodeContext,
  cell: OnnxCell,
  { units }: GateTensors,
  {
    index,
    isBatchFirst,
    numbers,
  }: { readonly index: number; readonly isBatchFirst: boolean; readonly numbers: Int32Array },
): ValueId[] {
  const parts = cell.roles.map((_, k) => {
    const value = node.inputs[5 + k];
    return value && directionOf(node, value, index, units, isBatchFirst);
  });
  for (const [k, part] of parts.entries()) {
    if (part?.kind === 'state') {
      const isFree = node.terms.states.begin(
        part.ids,
        numbers.subarray(k * units, (k + 1) * units),
      );
      if (!isFree) {
        throw node.options.refused(
          'the state that it begins with is the beginning of another one as well',
        );
      }
    }
  }
  if (parts.every(isZero)) {
    return [];
  }
  const isLearned = parts.every((part) => part === undefined || part.kind !== 'stream');
  node.requireWindow(
    isLearned
      ? 'it begins with states that were learned (initial_h, initial_c), which is supported over whole windows alone'
      : 'it begins with states that another node computes from the whole window',
  );
  const like = node.array(node.stream(0));
  return parts.map((part) =>
    part?.kind === 'stream'
      ? node.math.asSteps(node.array(part), units)
      : node.math.asSteps(
          node.math.constant(
            like,
            part?.kind === 'constant'
              ? node.floats(part, 'initial state')
              : new Float32Array(units),
            [1, units],
          ),
          units,
        ),
  );
}

function isZero(part: Value | undefined): boolean {
  return (
    part === undefined ||
    part.kind === 'state' ||
    (part.kind === 'constant' && part.data.every((number: number) => number === 0))
  );
}

/** The part (1, 1, units) of a state (directions, batch, units) that one direction begins with. */
function directionOf(
  node: NodeContext,
  value: Value,
  index: number,
  units: number,
  isBatchFirst: boolean,
): Value {
  const state = isBatchFirst ? transposed(node, value, [1, 0, 2]) : value;
  const sizes = sizesOf(state);
  if (sizes.length !== 3 || sizes[2] !== units || index >= (sizes[0] ?? 0)) {
    throw node.options.malformed(
      `a state that it begins with has shape ${shapeText(state)}, and its units are ${units}; an LSTM with proj_size is exported wrongly by some versions of PyTorch`,
    );
  }
  const own = sliced(node, state, 0, { from: index, step: 1, count: 1 }, plain(1));
  const lanes = sizesOf(own)[1] ?? 1;
  return own.kind === 'constant' && lanes > 1 ? laneOf(node, own, lanes) : own;
}

/** A constant state of all lanes, which must be the same. */
function laneOf(node: NodeContext, value: Value, lanes: number): Value {
  const first = sliced(node, value, 1, { from: 0, step: 1, count: 1 }, plain(1));
  const isSame =
    value.kind === 'constant' &&
    first.kind === 'constant' &&
    value.data.every((number: number, i: number) => number === first.data[i % first.data.length]);
  if (!isSame) {
    throw node.options.refused(
      `it begins with other states for each of ${lanes} lanes of the batch`,
    );
  }
  return first;
}

/** Y, Y_h and Y_c in the layout of the node. */
function outputs(
  node: NodeContext,
  cell: OnnxCell,
  { units }: GateTensors,
  x: Stream,
  built: readonly BuiltDirection[],
  isBatchFirst: boolean,
): readonly Value[] {
  const { math } = node;
  const [time = plain(1), batch = plain(1)] = x.axes;
  const steps = node.stored([time])[0] ?? 1;
  const directions = built.length;
  const yAxes: Axis[] = [time, plain(directions), batch, plain(units)];
  const sequences = built.map((one) => ({ value: one.steps, shape: [steps, 1, 1, units] }));
  const [only] = sequences;
  const all = directions === 1 && only !== undefined ? only : math.concatenate(sequences, 1);
  const y: Stream = { kind: 'stream', axes: yAxes, value: all.value, rate: x.rate };
  const states = cell.roles.map((_, k): Stream => {
    const axes: Axis[] = [plain(directions), batch, plain(units)];
    const finals = Int32Array.from(
      built.flatMap(({ numbers }) => [...numbers.subarray(k * units, (k + 1) * units)]),
    );
    const parts = built.map((one) => one.finals[k] ?? null);
    const arrays = parts.flatMap((value) =>
      value === null ? [] : [{ value, shape: [1, 1, units] }],
    );
    const [first] = arrays;
    const value =
      arrays.length < directions || first === undefined
        ? null
        : (directions === 1 ? first : math.concatenate(arrays, 0)).value;
    return {
      kind: 'stream',
      axes,
      value,
      rate: node.isStep ? x.rate : everySample(1),
      finals,
    };
  });
  if (!isBatchFirst) {
    return [y, ...states];
  }
  const turned = (value: Stream, order: readonly number[]): Value => transposed(node, value, order);
  return [turned(y, [2, 0, 1, 3]), ...states.map((state) => turned(state, [1, 0, 2]))];
}
