import type { Activation } from '../../../plan/stream-plan.js';
import { broadcastShape, isSameShape, product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import type { Stream } from '../values/value.js';
import { spread } from './constants.js';
import { axisOf, shapeText, type Operator } from './operator.js';

/** BatchNormalization: at inference a scale and a shift for each channel, which is axis 1. */
export const batchNormalization: Operator = (node) => {
  const { options } = node;
  const stream = node.stream(0);
  const epsilon = options.float('epsilon', 1e-5);
  options.ignore('momentum', 'spatial', 'is_test', 'consumed_inputs');
  if (options.int('training_mode', 0) !== 0) {
    throw options.refused(
      'training_mode=1: it was exported while it was trained; call model.eval() first',
    );
  }
  requireWholeRow(node, stream);
  const axis = stream.axes.length > 1 ? 1 : 0;
  const channels = stream.axes[axis]?.size ?? 1;
  if (stream.axes[axis]?.kind !== 'plain') {
    node.requireWindow('it has other numbers for each step of the window');
  }
  const [gamma, beta, mean, variance] = ['scale', 'B', 'mean', 'variance'].map((what, i) => {
    const constant = node.constant(1 + i, what);
    if (constant?.data.length !== channels) {
      throw options.malformed(
        `its ${what} does not fit the ${channels} channels of ${shapeText(stream)}`,
      );
    }
    if (i < 2) {
      node.note(constant, what);
    }
    return node.floats(constant, what);
  });
  const scale = Float32Array.from(
    { length: channels },
    (_, i) => (gamma?.[i] ?? 1) / Math.sqrt((variance?.[i] ?? 1) + epsilon),
  );
  if (!scale.every(Number.isFinite)) {
    throw options.malformed('its variance is below zero: the training went wrong');
  }
  const shift = scale.map((value, i) => (beta?.[i] ?? 0) - (mean?.[i] ?? 0) * value);
  return [scaled(node, stream, axis, scale, shift)];
};

/** Asks for the window where a step has but its part of the row. */
function requireWholeRow(node: NodeContext, { flat }: Stream): void {
  if (flat !== undefined && node.isStep) {
    node.requireWindow('it is over the whole of a flattened window');
  }
}

/** `x * scale + shift` with a number for each index of an axis. */
function scaled(
  node: NodeContext,
  stream: Stream,
  axis: number,
  scale: Float32Array,
  shift: Float32Array,
): Stream {
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  const array = node.array(stream);
  const run = product(array.shape.slice(axis + 1));
  const each = (numbers: Float32Array): Float32Array =>
    Float32Array.from(
      { length: numbers.length * run },
      (_, i) => numbers[Math.floor(i / run)] ?? 0,
    );
  const { value } = node.math.affine(array, each(scale), each(shift));
  const { axes, rate } = stream;
  return { kind: 'stream', axes, value, rate };
}

/** LayerNormalization over the last axes. */
export const layerNormalization: Operator = (node) => {
  const { options } = node;
  const stream = node.stream(0);
  const rank = stream.axes.length;
  const axis = axisOf(node, options.int('axis', -1), rank);
  const epsilon = options.float('epsilon', 1e-5);
  options.ignore('stash_type');
  requireWholeRow(node, stream);
  if (stream.axes.slice(axis).some(({ kind }) => kind === 'time')) {
    node.requireWindow('it is over the steps of a window');
  }
  const array = node.array(stream);
  const size = product(array.shape.slice(axis));
  const weight = (position: number, what: string): Float32Array | null => {
    const constant = node.constant(position, what);
    if (constant === undefined) {
      return null;
    }
    node.note(constant, what);
    const normalised = stream.axes.slice(axis).map((one) => one.size);
    const fits = broadcastShape(normalised, constant.shape);
    if (fits === undefined || !isSameShape(fits, normalised)) {
      throw options.malformed(
        `its ${what} of shape ${shapeText(constant)} is not over the axes that it normalises`,
      );
    }
    const floats = node.floats(constant, what);
    return floats.length === size
      ? floats
      : Float32Array.from(spread({ data: floats, shape: constant.shape }, normalised));
  };
  const [gamma, beta] = [weight(1, 'scale'), weight(2, 'B')];
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  const { value } = node.math.map(array, size, size, (fields) => ({
    ...fields,
    kind: 'layerNorm',
    epsilon,
    gamma,
    beta,
  }));
  const { axes, rate } = stream;
  return [{ kind: 'stream', axes, value, rate }];
};

/** InstanceNormalization: each channel over the axes behind it, which are the steps of a window. */
export const instanceNormalization: Operator = (node) => {
  const { options } = node;
  const stream = node.stream(0);
  const epsilon = options.float('epsilon', 1e-5);
  const [gamma, beta] = [node.constant(1, 'scale'), node.constant(2, 'B')];
  const channels = stream.axes[1]?.size ?? 1;
  if (gamma?.data.length !== channels || beta?.data.length !== channels) {
    throw options.malformed('its weights do not fit its channels');
  }
  node.note(gamma, 'scale');
  node.note(beta, 'B');
  node.requireWindow('it is over the steps of a window');
  const array = node.array(stream);
  const size = product(array.shape.slice(2));
  const { value } = node.math.map(array, size, size, (fields) => ({
    ...fields,
    kind: 'layerNorm',
    epsilon,
    gamma: null,
    beta: null,
  }));
  const { axes, rate } = stream;
  const normal: Stream = { kind: 'stream', axes, value, rate };
  return [scaled(node, normal, 1, node.floats(gamma, 'scale'), node.floats(beta, 'B'))];
};

/** Softmax and LogSoftmax along an axis; below opset 13 along all axes from it on. */
export const softmax =
  (activation: Activation): Operator =>
  (node) => {
    const { options } = node;
    const { hidden, ...stream } = node.stream(0);
    const { axes } = stream;
    const isOld = node.terms.opset < 13;
    const axis = axisOf(node, options.int('axis', isOld ? 1 : -1), axes.length);
    requireWholeRow(node, stream);
    if (isOld && product(axes.slice(axis + 1).map(({ size }) => size)) !== 1) {
      throw options.refused(
        `below opset 13 axis=${axis} of ${shapeText(stream)} is over several axes, which is not supported`,
      );
    }
    if (axes[axis]?.kind === 'time') {
      node.requireWindow('it weighs every step of a window against every other');
    }
    if (axes[axis]?.kind === 'batch') {
      throw options.refused('it is over the lanes of the batch');
    }
    const isOfRows = axis === axes.length - 1 && axes[axis]?.size === hidden?.row;
    if (hidden !== undefined && (!isOfRows || activation.kind !== 'softmax')) {
      node.requireFinite({ ...stream, hidden });
    }
    node.streaming = node.isStep ? 'pointwise' : 'whole window';
    return [{ ...activatedAlong(node, stream, axis, activation), isShares: true }];
  };

/** A function of the floats along an axis, such as softmax. */
export function activatedAlong(
  node: NodeContext,
  stream: Stream,
  axis: number,
  activation: Activation,
): Stream {
  const { axes, rate } = stream;
  const array = node.array(stream);
  const order = axes.map((_, i) => i).filter((i) => i !== axis);
  const turned = node.math.transpose(array, [...order, axis]);
  const made = node.math.activate(turned, activation);
  const back = axes.map((_, i) => (i === axis ? axes.length - 1 : order.indexOf(i)));
  const { value } = node.math.transpose(made, back);
  return { kind: 'stream', axes, value, rate };
}
