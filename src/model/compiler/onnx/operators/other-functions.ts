import { constantOf, timeAxis } from '../values/value.js';
import { spread } from './constants.js';
import { shapeText, type Operator } from './operator.js';
import { requireExact } from './whole-numbers.js';

/** Neg: of what streams a factor of -1. */
export const negate: Operator = (node) => {
  const value = node.input(0);
  if (value.kind === 'constant') {
    const made = constantOf(
      value.type,
      value.shape,
      Float64Array.from(value.data, (x) => -x),
    );
    requireExact(node, made);
    return [made];
  }
  const stream = node.stream(0);
  const array = node.array(stream);
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  return [node.made(node.math.scale(array, -1), stream.axes, stream.rate)];
};

/** PRelu: a slope below zero for each feature. */
export const prelu: Operator = (node) => {
  const stream = node.stream(0);
  const slope = node.constant(1, 'slope');
  if (slope === undefined) {
    throw node.options.malformed('it has no slope');
  }
  node.note(slope, 'slope');
  const { axes } = stream;
  const time = timeAxis(axes);
  const own = slope.shape.length - (axes.length - time);
  const isOfTime = time >= 0 && own >= 0 && (slope.shape[own] ?? 1) > 1;
  if (stream.flat !== undefined || (isOfTime && node.isStep)) {
    node.requireWindow('it has another slope for each step of the window');
  }
  const array = node.array(stream);
  if (slope.shape.length > axes.length) {
    throw node.options.malformed(`its slope ${shapeText(slope)} does not fit ${shapeText(stream)}`);
  }
  const numbers = node.floats(slope, 'slope');
  const alpha = Float32Array.from(spread({ data: numbers, shape: slope.shape }, array.shape));
  const size = alpha.length;
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  const { value } = node.math.map(array, size, size, (fields) => ({
    ...fields,
    kind: 'prelu',
    alpha,
    steps: 1,
    positionOffset: null,
  }));
  return [node.made({ value, shape: array.shape }, axes, stream.rate)];
};
