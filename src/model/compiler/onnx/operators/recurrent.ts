import type { ValueId } from '../../../plan/stream-plan.js';
import { everySample } from '../../rate.js';
import type { NodeContext } from '../node-context.js';
import { transposed } from '../values/gathered.js';
import { plain, type Axis, type Stream, type Value } from '../values/value.js';
import type { CellPart, OnnxCell } from './cells.js';
import { readGates, type GateTensors } from './gate-weights.js';
import { readBeginning } from './initial-states.js';
import type { Operator } from './operator.js';
import { readInput, withOmitted, type RecurrentInput } from './recurrent-input.js';

const directionCounts: ReadonlyMap<string, number> = new Map([
  ['forward', 1],
  ['reverse', 1],
  ['bidirectional', 2],
]);

/** One direction of a recurrent node, built. */
interface BuiltDirection {
  /** The output of each step. */
  readonly steps: ValueId;
  /** Its states after the last step, in the order of its roles. */
  readonly finals: readonly ValueId[];
  readonly numbers: Int32Array;
}

/** Operators whose states are their inputs 5 and 6. */
export const recurrentOperators: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'RNN']);

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
    const isBatchFirst = options.flag('layout');
    options.ignore('output_sequence');
    const tensors = readGates(node, cell, directions);
    const { x, omitted } = readInput(node, tensors, isBatchFirst);
    if (direction !== 'forward') {
      node.requireWindow(
        `direction="${direction}" reads the window from its end to its beginning, so every output needs the whole window`,
      );
    }
    const parts = cell.read(node, tensors, directions);
    const built = parts.map((part, i) =>
      buildDirection(node, cell, part, x, {
        index: i,
        units: tensors.units,
        isReverse: direction === 'reverse' || i === 1,
        isBatchFirst,
      }),
    );
    const clipped = options.has('clip') ? ['gates clipped'] : [];
    const remarks = cell.remarks?.(node) ?? [];
    node.streaming = [node.isStep ? 'state carried' : 'whole window', ...clipped, ...remarks].join(
      ', ',
    );
    return outputs(node, cell, tensors, { x, omitted }, built, isBatchFirst);
  };

function buildDirection(
  node: NodeContext,
  cell: OnnxCell,
  part: CellPart,
  x: Stream,
  site: {
    readonly index: number;
    readonly units: number;
    readonly isReverse: boolean;
    readonly isBatchFirst: boolean;
  },
): BuiltDirection {
  const { builder } = node;
  const { units, index } = site;
  const array = node.array(x);
  const inputs = x.axes[2]?.size ?? 0;
  const from = builder.kind === 'window' ? node.math.asSteps(array, inputs) : array.value;
  const output = builder.valueLike(from, units);
  const numbers = node.terms.states.finals(units * cell.roles.length);
  const beginning = readBeginning(node, cell, { ...site, numbers, samples: array });
  const add = (): number | null =>
    part.add({
      name: index === 0 ? node.name : `${node.name}/reverse`,
      builder,
      input: from,
      output,
      units,
      mask: null,
      activation: part.activation,
      initial: beginning.states,
    });
  const cOffset = builder.kind === 'window' && site.isReverse ? builder.reversed(add) : add();
  if (builder.kind === 'window') {
    const finals = cell.roles.map(() => builder.value(units, 1));
    builder.carryStates(beginning.values, finals);
    return { steps: output, finals, numbers };
  }
  const finals = cell.roles.map((role) =>
    role === 'h' || cOffset === null ? output : recalled(node, output, cOffset, units),
  );
  return { steps: output, finals, numbers };
}

/** The c of the step. It is dropped where nothing reads it. */
function recalled(node: NodeContext, input: ValueId, stateOffset: number, units: number): ValueId {
  const output = node.builder.valueLike(input, units);
  node.builder.add({ kind: 'recall', layer: node.name, input, output, stateOffset });
  return output;
}

/** Y, Y_h and Y_c in the layout of the node. */
function outputs(
  node: NodeContext,
  cell: OnnxCell,
  { units }: GateTensors,
  { x, omitted }: RecurrentInput,
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
  const y = withOmitted(
    node,
    { kind: 'stream', axes: yAxes, value: all.value, rate: x.rate },
    omitted,
  );
  const states = cell.roles.map((_, k): Stream => {
    const axes: Axis[] = [plain(directions), batch, plain(units)];
    const finals = Int32Array.from(
      built.flatMap(({ numbers }) => [...numbers.subarray(k * units, (k + 1) * units)]),
    );
    const arrays = built.map((one) => ({
      value: one.finals[k] ?? one.steps,
      shape: [1, 1, units],
    }));
    const [first] = arrays;
    const joined = directions === 1 && first !== undefined ? first : math.concatenate(arrays, 0);
    return {
      kind: 'stream',
      axes,
      value: joined.value,
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
