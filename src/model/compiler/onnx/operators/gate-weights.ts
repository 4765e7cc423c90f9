import type { NodeContext } from '../node-context.js';
import type { Constant } from '../values/value.js';

/** The weights of one direction of a recurrent node, in the layout of the plan's operations. */
export interface GateWeights {
  /** (inputs, gates * units). */
  readonly kernel: Float32Array;
  /** (units, gates * units). */
  readonly recurrentKernel: Float32Array;
  /** (gates * units) each; null where the node has none. */
  readonly inputBias: Float32Array | null;
  readonly stateBias: Float32Array | null;
}

/** The tensors of a recurrent node, whose first axis is the direction. */
export interface GateTensors {
  readonly units: number;
  readonly inputs: number;
  /** (directions, gates * units, inputs). */
  readonly w: Constant;
  /** (directions, gates * units, units). */
  readonly r: Constant;
  /** (directions, 2 * gates * units), or absent. */
  readonly b: Constant | undefined;
}

/**
 * Reads W, R and B of a recurrent node, and checks that they fit each other.
 *
 * @throws LstmdError `model.malformed` where they do not
 */
export function readGates(
  node: NodeContext,
  { gates, gateNames }: { readonly gates: number; readonly gateNames: string | null },
  directions: number,
): GateTensors {
  const { options } = node;
  const [w, r, b] = [
    node.constant(1, 'weight W'),
    node.constant(2, 'weight R'),
    node.constant(3, 'bias B'),
  ];
  if (w === undefined || r === undefined) {
    throw options.malformed('it has no weights');
  }
  const units = r.shape[2] ?? 0;
  const inputs = w.shape[2] ?? 0;
  const width = gates * units;
  const said = options.int('hidden_size', units);
  if (
    units < 1 ||
    said !== units ||
    !fits(w, directions, width, inputs) ||
    !fits(r, directions, width, units)
  ) {
    throw options.malformed(
      `W of shape [${w.shape.join(', ')}], R of shape [${r.shape.join(', ')}] and hidden_size ${said} do not fit each other`,
    );
  }
  if (b !== undefined && !fits(b, directions, 2 * width)) {
    throw options.malformed(
      `B has shape [${b.shape.join(', ')}] in place of [${directions}, ${2 * width}]`,
    );
  }
  for (const [constant, what, inPyTorch] of [
    [w, 'W', `weight_ih${gateNames === null ? '' : `, gates ${gateNames}`}`],
    [r, 'R', 'weight_hh'],
    [b, 'B', 'bias_ih, bias_hh'],
  ] as const) {
    if (constant !== undefined) {
      node.note({ ...constant, name: `${constant.name ?? what} [${what}: ${inPyTorch}]` }, what);
    }
  }
  return { units, inputs, w, r, b };
}

/**
 * The peepholes P of each direction, (3, units) in the plan's order i, f, o; the node's is i, o, f.
 *
 * @returns undefined where the node has none
 * @throws LstmdError `model.malformed` where they do not fit
 */
export function readPeepholes(
  node: NodeContext,
  units: number,
  directions: number,
): readonly Float32Array[] | undefined {
  const p = node.constant(7, 'peepholes P');
  if (p === undefined) {
    return undefined;
  }
  if (!fits(p, directions, 3 * units)) {
    throw node.options.malformed(
      `P has shape [${p.shape.join(', ')}] in place of [${directions}, ${3 * units}]`,
    );
  }
  node.note(p, 'P');
  const floats = node.floats(p, 'peepholes');
  return Array.from({ length: directions }, (_, direction) => {
    const own = floats.subarray(direction * 3 * units, (direction + 1) * 3 * units);
    return columns(own, 1, units, [0, 2, 1]);
  });
}

function fits(constant: Constant, ...shape: number[]): boolean {
  return (
    constant.type === 'float' &&
    constant.shape.length === shape.length &&
    shape.every((size, i) => size === constant.shape[i])
  );
}

/**
 * The weights of one direction with their gates in another order.
 *
 * @param order for each gate of the result the place of the node's gate
 */
export function gateWeights(
  node: NodeContext,
  { units, inputs, w, r, b }: GateTensors,
  direction: number,
  order: readonly number[],
): GateWeights {
  const width = order.length * units;
  const rows = (constant: Constant, size: number): Float32Array =>
    node
      .floats(constant, 'weights')
      .subarray(direction * width * size, (direction + 1) * width * size);
  const bias =
    b === undefined
      ? null
      : node.floats(b, 'bias').subarray(direction * 2 * width, (direction + 1) * 2 * width);
  return {
    kernel: columns(rows(w, inputs), inputs, units, order),
    recurrentKernel: columns(rows(r, units), units, units, order),
    inputBias: bias && columns(bias.subarray(0, width), 1, units, order),
    stateBias: bias && columns(bias.subarray(width), 1, units, order),
  };
}

/** Rows (gates * units, size) as columns (size, gates * units), with the gates in another order. */
function columns(
  rows: Float32Array,
  size: number,
  units: number,
  order: readonly number[],
): Float32Array {
  const width = order.length * units;
  const result = new Float32Array(size * width);
  for (const [gate, source] of order.entries()) {
    for (let unit = 0; unit < units; unit += 1) {
      const row = (source * units + unit) * size;
      for (let i = 0; i < size; i += 1) {
        result[i * width + gate * units + unit] = rows[row + i] ?? 0;
      }
    }
  }
  return result;
}

/** The sum of both biases; null where there are none. */
export function summedBias({ inputBias, stateBias }: GateWeights): Float32Array | null {
  return inputBias && inputBias.map((value, i) => value + (stateBias?.[i] ?? 0));
}
