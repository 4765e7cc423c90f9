import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { onlyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { isObject } from '../../../../base/json.js';
import { any, logicalOr, notEqual } from './masking.js';
import { concatenate, merged } from './merge.js';
import { affine } from './normalization.js';
import { lastStep } from './last-step.js';

/** `x * scale + shift`, which arithmetic with a number does to its tensor: `[scale, shift]`. */
type ScaleShift = readonly [number, number];

/**
 * An operation of two arguments. With two tensors they are merged; with a number the tensor is scaled
 * and shifted.
 *
 * @param operation merges two tensors; null where that is not supported
 * @param withRight `tensor op number`
 * @param withLeft `number op tensor`; null where that is not supported
 */
const binary =
  (
    operation: 'add' | 'subtract' | 'multiply' | null,
    withRight: (constant: number) => ScaleShift,
    withLeft: (constant: number) => ScaleShift | null,
  ): LayerBuilder =>
  (layer) => {
    const { args, options } = layer;
    const [left, right] = args;
    if (left === undefined || right === undefined || args.length !== 2) {
      throw options.malformed(`it has ${args.length} arguments in place of two`);
    }
    if ('tensor' in left && 'tensor' in right) {
      if (operation === null) {
        throw options.refused('division by a tensor is not supported');
      }
      return withoutMask(merged(layer, operation));
    }
    const constant = 'constant' in left ? left.constant : 'constant' in right ? right.constant : 0;
    if (typeof constant !== 'number') {
      throw options.refused(`its constant ${shortText(constant)} is not a number`);
    }
    const scaleShift = 'constant' in left ? withLeft(constant) : withRight(constant);
    if (scaleShift === null) {
      throw options.refused('division by a tensor is not supported');
    }
    return scaled(layer, scaleShift);
  };

function scaled(layer: LayerContext, [scale, shift]: ScaleShift): BuiltLayer {
  const input = onlyInput(layer);
  const forEachFeature = (value: number): Float32Array => new Float32Array(input.size).fill(value);
  return withoutMask(
    affine(layer, input, [{ scale: forEachFeature(scale), shift: forEachFeature(shift) }]),
  );
}

/** Takes the mask away, which a layer hands on and an operation does not. */
function withoutMask({ outputs, streaming }: BuiltLayer): BuiltLayer {
  return { outputs: outputs.map((output) => ({ ...output, mask: null })), streaming };
}

/** `x[:, -1]` and `x[:, -1, :]`: the last step of a sequence. */
const getItem: LayerBuilder = (layer) => {
  const { args, options } = layer;
  const input = onlyInput(layer);
  const key = args.flatMap((argument) => ('constant' in argument ? [argument.constant] : []))[0];
  const parts: readonly unknown[] = Array.isArray(key) ? key : [key];
  const [batch, steps, features, ...more] = parts;
  if (
    input.form !== 'sequence' ||
    !isWholeAxis(batch) ||
    !(steps === -1 || (typeof steps === 'number' && steps + 1 === input.rate.count)) ||
    !(features === undefined || isWholeAxis(features)) ||
    more.length > 0
  ) {
    const index = parts.map(indexText).join(', ');
    throw options.refused(`index [${index}]: only the last step, [:, -1], is supported`);
  }
  const last = lastStep(layer, { ...input, form: 'vector', mask: null });
  return { outputs: [last], streaming: 'last step' };
};

/** A part of an index as Python writes it, e.g. `::2`. */
function indexText(part: unknown): string {
  if (!isObject(part) || part['class_name'] !== '__slice__' || !isObject(part['config'])) {
    return part === null ? 'None' : isObject(part) ? '...' : shortText(part);
  }
  const { start, stop, step } = part['config'];
  const every = boundText(step);
  return `${boundText(start)}:${boundText(stop)}${every === '' ? '' : `:${every}`}`;
}

function boundText(bound: unknown): string {
  return bound === null || bound === undefined ? '' : shortText(bound);
}

/** Whether an index is `:`, the whole of an axis. */
function isWholeAxis(value: unknown): boolean {
  if (!isObject(value) || value['class_name'] !== '__slice__' || !isObject(value['config'])) {
    return false;
  }
  const { start, stop, step } = value['config'];
  return (start ?? null) === null && (stop ?? null) === null && (step ?? null) === null;
}

/** The builders of Keras 3's operations on tensors, by class name (keras/src/ops/numpy.py). */
export const operationBuilders: ReadonlyMap<string, LayerBuilder> = new Map<string, LayerBuilder>([
  [
    'Add',
    binary(
      'add',
      (c) => [1, c],
      (c) => [1, c],
    ),
  ],
  [
    'Subtract',
    binary(
      'subtract',
      (c) => [1, -c],
      (c) => [-1, c],
    ),
  ],
  [
    'Multiply',
    binary(
      'multiply',
      (c) => [c, 0],
      (c) => [c, 0],
    ),
  ],
  [
    'TrueDivide',
    binary(
      null,
      (c) => [1 / c, 0],
      () => null,
    ),
  ],
  [
    'Divide',
    binary(
      null,
      (c) => [1 / c, 0],
      () => null,
    ),
  ],
  ['Negative', (layer) => scaled(layer, [-1, 0])],
  ['Maximum', (layer) => withoutMask(merged(layer, 'maximum'))],
  ['Minimum', (layer) => withoutMask(merged(layer, 'minimum'))],
  ['Concatenate', (layer) => withoutMask(concatenate(layer))],
  ['GetItem', getItem],
  ['NotEqual', notEqual],
  ['Any', any],
  ['LogicalOr', logicalOr],
]);
