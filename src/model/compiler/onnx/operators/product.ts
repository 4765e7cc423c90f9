import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { renamed, transposed } from '../values/gathered.js';
import {
  constantOf,
  plain,
  timeAxis,
  type Axis,
  type Constant,
  type Stream,
  type Value,
} from '../values/value.js';
import { withConstant } from './beside-constant.js';
import { add } from './combination.js';
import { checkSize, combined } from './constants.js';
import { dense } from './dense.js';
import { shapeText, type Operator } from './operator.js';

/** Multiply-adds of weights with weights, which take half a second. */
const maxFolded = 2 ** 27;

/** MatMul: over the last two axes, the others broadcast. */
export const matMul: Operator = (node) => {
  const [a, b] = [node.input(0), node.input(1)];
  if (a.kind === 'constant' && b.kind === 'constant') {
    return [constantProduct(node, a, b)];
  }
  if (b.kind === 'constant') {
    return [timesConstant(node, node.stream(0), b)];
  }
  if (a.kind === 'constant') {
    return [constantTimes(node, a, node.stream(1))];
  }
  return [timesStream(node, node.stream(0), node.stream(1))];
};

/** Gemm: `alpha A B + beta C`, each of A and B turned where it says so. */
export const gemm: Operator = (node) => {
  const { options } = node;
  const [alpha, beta] = [options.float('alpha', 1), options.float('beta', 1)];
  const turn = (value: Value, key: string): Value =>
    options.int(key, 0) === 0 ? value : transposed(node, value, [1, 0]);
  const a = turn(node.input(0), 'transA');
  const b = turn(node.input(1), 'transB');
  const c = node.constant(2, 'C');
  if (a.kind === 'constant' && b.kind === 'constant') {
    const scaled = combined(
      node,
      constantProduct(node, a, b),
      constantOf('float', [], [alpha]),
      (x, y) => x * y,
    );
    return [c === undefined ? scaled : combined(node, scaled, c, (x, y) => x + beta * y)];
  }
  if (a.kind !== 'stream' || b.kind !== 'constant') {
    node.stream(0);
    throw options.refused('its second factor is not a weight, which is not supported');
  }
  const [inputs = 0, units = 0] = b.shape;
  noteFrom(node, 1, b);
  if (c !== undefined) {
    node.note(c, 'C');
  }
  const isBias = c === undefined || product(c.shape) === 1 || product(c.shape) === c.shape.at(-1);
  const kernel = node.floats(b, 'weights');
  const bias = isBias ? c && node.floats(c, 'bias') : undefined;
  if (bias !== undefined && bias.length !== units && bias.length !== 1) {
    throw options.malformed(`C of shape ${shapeText(c ?? b)} is not a bias of ${units}`);
  }
  const made = dense(node, a, {
    kernel: alpha === 1 ? kernel : kernel.map((x) => alpha * x),
    inputs,
    units,
    bias:
      bias === undefined
        ? null
        : Float32Array.from(
            { length: units },
            (_, i) => beta * (bias[bias.length === 1 ? 0 : i] ?? 0),
          ),
  });
  if (isBias || c === undefined) {
    return [made];
  }
  // C has other numbers for each row: what is beside each float of the product.
  const rows = { ...c, data: c.data.map((one: number) => beta * one), name: null };
  return [withConstant(node, add, made, rows, false)];
};

/** Notes a weight under the name that it has in the file, however it was turned. */
function noteFrom(node: NodeContext, position: number, constant: Constant): void {
  const own = node.inputs[position];
  node.note(own?.kind === 'constant' ? own : constant, 'B');
}

function timesConstant(node: NodeContext, stream: Stream, constant: Constant): Value {
  const isVector = constant.shape.length === 1;
  const shape = isVector ? [...constant.shape, 1] : constant.shape;
  const [inputs = 0, units = 0] = shape.slice(-2);
  if (product(shape.slice(0, -2)) !== 1) {
    throw node.options.refused(`a weight of shape ${shapeText(constant)} is not supported`);
  }
  node.note(constant, 'B');
  const made = dense(node, stream, {
    kernel: node.floats(constant, 'weights'),
    inputs,
    units,
    bias: null,
  });
  return isVector ? renamed(made, made.axes.slice(0, -1)) : made;
}

/** A constant on the left is one on the right of what is turned: `W x = (x' W')'`. */
function constantTimes(node: NodeContext, constant: Constant, stream: Stream): Value {
  const rank = stream.axes.length;
  const leading = product(constant.shape.slice(0, -2));
  if (constant.shape.length < 2 || constant.shape.length > rank || leading !== 1) {
    throw node.options.refused(
      `a weight of shape ${shapeText(constant)} on the left is not supported`,
    );
  }
  const order = Array.from({ length: rank }, (_, axis) =>
    axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
  );
  const turned = transposed(node, stream, order);
  const matrix = renamed(constant, constant.shape.slice(-2).map(plain));
  const weights = transposed(node, matrix, [1, 0]);
  if (turned.kind !== 'stream' || weights.kind !== 'constant') {
    throw new RangeError('what is turned stays what it is');
  }
  return transposed(node, timesConstant(node, turned, { ...weights, name: constant.name }), order);
}

function at(axes: readonly Axis[], axis: number): Axis {
  return axes.at(axis) ?? plain(1);
}

/** Both factors hang on the samples, as in attention. */
function timesStream(node: NodeContext, a: Stream, b: Stream): Stream {
  const { options } = node;
  const rank = a.axes.length;
  const fits =
    rank >= 2 &&
    b.axes.length === rank &&
    at(a.axes, -1).size === at(b.axes, -2).size &&
    a.axes.slice(0, -2).every(({ size }, i) => size === b.axes[i]?.size);
  if (!fits) {
    throw options.refused(
      `tensors of shapes ${shapeText(a)} and ${shapeText(b)} cannot be multiplied here`,
    );
  }
  const mixes = [...a.axes.slice(-2), ...b.axes.slice(-2)].some(({ kind }) => kind === 'time');
  if (mixes || timeAxis(a.axes) !== timeAxis(b.axes)) {
    node.requireWindow('it weighs every step of a window against every other');
  }
  if (
    [...a.axes.slice(-2), ...b.axes.slice(-2)].some(
      ({ kind, size }) => kind === 'batch' && size > 1,
    )
  ) {
    throw options.refused('it mixes the lanes of the batch: export the model with a batch of 1');
  }
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  const { value } = node.math.matMul(node.array(a), node.array(b));
  const axes = [...a.axes.slice(0, -1), at(b.axes, -1)];
  // Of scores of every step against every other, the steps of the left factor are those of what comes out.
  const own = timeAxis(axes);
  return {
    kind: 'stream',
    axes: axes.map((axis, i) => (axis.kind === 'time' && i !== own ? plain(axis.size) : axis)),
    value,
    rate: a.rate,
  };
}

function constantProduct(node: NodeContext, a: Constant, b: Constant): Constant {
  const [rows = 0, inner = 0] = a.shape;
  const [depth = 0, columns = 0] = b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || inner !== depth) {
    throw node.options.refused(
      `weights of shapes ${shapeText(a)} and ${shapeText(b)} cannot be multiplied here`,
    );
  }
  checkSize(node, [rows, columns]);
  const { folding } = node.terms;
  folding.multiplyAdds += rows * inner * columns;
  if (folding.multiplyAdds > maxFolded) {
    throw node.options.refused(
      `weights times weights come to more than ${maxFolded} multiply-adds: export the model with do_constant_folding=True`,
    );
  }
  const numbers = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      let sum = 0;
      for (let k = 0; k < inner; k += 1) {
        sum += (a.data[i * inner + k] ?? 0) * (b.data[k * columns + j] ?? 0);
      }
      numbers[i * columns + j] = sum;
    }
  }
  return constantOf('float', [rows, columns], numbers);
}
