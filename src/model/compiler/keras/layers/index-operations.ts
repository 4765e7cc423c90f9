import { isObject } from '../../../../base/json.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { indexText } from './index-text.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { lastStep } from './last-step.js';
import { readAxes, rankOf } from './over-axes.js';
import { squeezed } from './reduce-operations.js';
import { Rows } from '../../operations/rows.js';

/** The indices of one axis that an index picks. */
interface Picked {
  readonly from: number;
  readonly step: number;
  readonly count: number;
  /** True when the axis goes away, because the index is a number. */
  readonly isDropped: boolean;
}

/** A part of an index: of the next axis of the input, or null for a new axis of one. */
type Part = Picked | 'all' | null;

/** `x[...]`: slices of the features, the last step; over the whole window any slice. */
export const getItem: LayerBuilder = (layer) => {
  const { args } = layer;
  const input = anyInput(layer);
  const key = args.flatMap((argument) => ('constant' in argument ? [argument.constant] : []))[0];
  const parts = readKey(layer, key, shapeOf(input));
  return bySteps(layer, input, parts) ?? ofWindow(layer, input, parts);
};

/** Returns what can be picked step by step; undefined where it needs the window. */
function bySteps(
  layer: LayerContext,
  input: Tensor,
  parts: readonly Part[],
): BuiltLayer | undefined {
  const { name, builder } = layer;
  if (parts.includes(null) || (input.form !== 'sequence' && input.form !== 'vector')) {
    return undefined;
  }
  const [steps, features] = input.form === 'vector' ? ['all' as const, parts[0]] : parts;
  if (features === null || features === undefined) {
    return undefined;
  }
  let picked: Tensor = { ...input, mask: null };
  if (features !== 'all') {
    const { from, step, count } = features;
    const indices = Int32Array.from({ length: count }, (_, i) => from + i * step);
    const rows = new Rows(builder, name, input.value, input.size).gather(indices);
    picked = { ...picked, value: rows.value, size: rows.size };
  }
  const isOneFeature = features !== 'all' && features.isDropped;
  if (steps === 'all') {
    const output = isOneFeature ? squeezed(layer, picked, [parts.length - 1]) : picked;
    return { outputs: [output], streaming: 'pointwise' };
  }
  const { count } = input.rate;
  const isLast =
    steps?.isDropped === true &&
    (steps.from === -1 || (count !== null && steps.from === count - 1));
  if (!isLast || isOneFeature) {
    return undefined;
  }
  const last = lastStep(layer, { ...picked, form: 'vector' });
  return { outputs: [last], streaming: 'last step' };
}

function ofWindow(layer: LayerContext, input: Tensor, parts: readonly Part[]): BuiltLayer {
  const math = arrayMath(layer, 'it picks steps of a window');
  let array = arrayOf(input);
  const shape: number[] = [];
  const own = parts.filter((part) => part !== null);
  for (const [axis, part] of own.entries()) {
    if (part !== 'all') {
      const { count } = part;
      const from = part.from < 0 ? part.from + (array.shape[axis] ?? 0) : part.from;
      array = math.slice(array, axis, { from, step: part.step, count });
    }
  }
  let axis = 0;
  for (const part of parts) {
    if (part === null) {
      shape.push(1);
      continue;
    }
    if (part === 'all' || !part.isDropped) {
      shape.push(array.shape[axis] ?? 1);
    }
    axis += 1;
  }
  return builtArray(layer, math, math.reshape(array, shape));
}

/**
 * @param shape without the batch; null for an axis of any length
 * @returns the parts for each axis of the input, and new axes between them
 */
function readKey(layer: LayerContext, key: unknown, shape: readonly (number | null)[]): Part[] {
  const { options } = layer;
  const list: readonly unknown[] = Array.isArray(key) ? key : [key];
  const refused = options.refused(`index ${indexText(key)} is not supported`);
  const given = list.filter((part) => part !== null && !isEllipsis(part)).length;
  const rest = Array.from({ length: shape.length + 1 - given }, () => wholeAxis);
  const ellipses = list.filter(isEllipsis).length;
  if (given > shape.length + 1 || ellipses > 1) {
    throw refused;
  }
  const full =
    ellipses === 0
      ? [...list, ...rest]
      : list.flatMap((part): readonly unknown[] => (isEllipsis(part) ? rest : [part]));
  const [batch, ...parts] = full;
  const whole = batch === null ? undefined : readPart(batch, null);
  if (whole !== 'all') {
    throw options.refused(
      `index ${indexText(key)}: the first axis is the batch, which must be ":"`,
    );
  }
  let axis = 0;
  return parts.map((part): Part => {
    if (part === null) {
      return null;
    }
    const picked = readPart(part, shape[axis] ?? null);
    axis += 1;
    if (picked === undefined) {
      throw refused;
    }
    return picked;
  });
}

const wholeAxis = { class_name: '__slice__', config: {} };

function isEllipsis(part: unknown): boolean {
  return isObject(part) && part['class_name'] === '__ellipsis__';
}

/** @param length of the axis; null where it is not known, so that only `:` and -1 are */
function readPart(part: unknown, length: number | null): Picked | 'all' | undefined {
  if (typeof part === 'number') {
    const from = part < 0 && length !== null ? part + length : part;
    const isInside = length === null ? from === -1 : from >= 0 && from < length;
    return isInside ? { from, step: 1, count: 1, isDropped: true } : undefined;
  }
  if (!isObject(part) || (part['class_name'] !== undefined && part['class_name'] !== '__slice__')) {
    return undefined;
  }
  const config = isObject(part['config']) ? part['config'] : part;
  const step = config['step'] ?? 1;
  const { start = null, stop = null } = config;
  if (start === null && stop === null && step === 1) {
    return 'all';
  }
  if (length === null || !isWhole(step) || step === 0) {
    return undefined;
  }
  if ((start !== null && !isWhole(start)) || (stop !== null && !isWhole(stop))) {
    return undefined;
  }
  const bound = (at: number): number =>
    Math.min(
      Math.max(at < 0 ? at + length : at, step > 0 ? 0 : -1),
      step > 0 ? length : length - 1,
    );
  const from = start === null ? (step > 0 ? 0 : length - 1) : bound(start);
  const to = stop === null ? (step > 0 ? length : -1) : bound(stop);
  const count = Math.ceil((to - from) / step);
  return count > 0 ? { from, step, count, isDropped: false } : undefined;
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/** Flip: the other way round along axes. */
export const flip: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = anyInput(layer);
  const axes = readAxes(options, 'axis', options.raw('axis'), rankOf(input));
  const shape = shapeOf(input);
  const parts = shape.map((length, axis): Part => {
    if (!axes.includes(axis)) {
      return 'all';
    }
    return length === null ? null : { from: length - 1, step: -1, count: length, isDropped: false };
  });
  if (parts.includes(null)) {
    throw options.refused('over any number of steps it has no end; give a window');
  }
  return bySteps(layer, input, parts) ?? ofWindow(layer, input, parts);
};
