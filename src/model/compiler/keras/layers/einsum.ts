import { product } from '../../shape.js';
import type { ArrayMath, WindowArray } from '../../window-array.js';
import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { requireAnyValue } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import type { LayerOptions } from '../layer-builder/layer-options.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';

/** The letters of an equation `a,b->c`, the batch's included. */
export interface Equation {
  readonly left: string;
  readonly right: string;
  readonly output: string;
}

/** Einsum of two tensors of a whole window. */
export const einsum: LayerBuilder = (layer) => {
  const { inputs, options } = layer;
  const [left, right] = inputs;
  if (left === undefined || right === undefined || inputs.length !== 2) {
    throw options.refused('only an equation of two tensors is supported');
  }
  requireAnyValue(layer, left);
  requireAnyValue(layer, right);
  const equation = readEquation(options, options.raw('subscripts'));
  const batch = equation.left[0];
  if (
    batch === undefined ||
    equation.right[0] !== batch ||
    equation.output[0] !== batch ||
    [equation.left, equation.right, equation.output].some((term) => term.lastIndexOf(batch) > 0)
  ) {
    throw options.refused('the batch must be the first axis of its inputs and its output');
  }
  const math = arrayMath(layer, 'it multiplies whole windows');
  const inner = {
    left: equation.left.slice(1),
    right: equation.right.slice(1),
    output: equation.output.slice(1),
  };
  return builtArray(layer, math, contract(math, options, inner, arrayOf(left), arrayOf(right)));
};

/** @throws LstmdError `model.refused` for an equation that is not of two terms of letters */
export function readEquation(options: LayerOptions, value: unknown): Equation {
  const match = /^([a-zA-Z]*),([a-zA-Z]*)->([a-zA-Z]*)$/.exec(
    typeof value === 'string' ? value.replaceAll(' ', '') : '',
  );
  const [, left, right, output] = match ?? [];
  const terms = [left ?? '', right ?? '', output ?? ''];
  if (match === null || terms.some((term) => new Set(term).size !== term.length)) {
    throw options.refused(`equation ${shortText(value)} is not supported`);
  }
  return { left: left ?? '', right: right ?? '', output: output ?? '' };
}

/**
 * The sum of products that an equation without the batch describes.
 *
 * @throws LstmdError `model.malformed` where the sizes do not fit, `model.refused` for an axis that only one
 *   tensor has and the output lacks
 */
export function contract(
  math: ArrayMath,
  options: LayerOptions,
  { left, right, output }: Equation,
  a: WindowArray,
  b: WindowArray,
): WindowArray {
  const sizes = new Map<string, number>();
  for (const [term, array] of [
    [left, a],
    [right, b],
  ] as const) {
    for (const [axis, letter] of lettersOf(term).entries()) {
      const size = array.shape[axis];
      if (size === undefined || (sizes.get(letter) ?? size) !== size) {
        throw options.malformed('its equation does not fit its inputs');
      }
      sizes.set(letter, size);
    }
  }
  const inBoth = lettersOf(left).filter((letter) => right.includes(letter));
  const common = inBoth.filter((letter) => output.includes(letter));
  const summed = inBoth.filter((letter) => !output.includes(letter));
  const rows = lettersOf(left).filter((letter) => !right.includes(letter));
  const columns = lettersOf(right).filter((letter) => !left.includes(letter));
  if (
    left.length !== a.shape.length ||
    right.length !== b.shape.length ||
    [...rows, ...columns].some((letter) => !output.includes(letter)) ||
    output.length !== common.length + rows.length + columns.length
  ) {
    throw options.refused('its equation does not fit its inputs');
  }
  const size = (letters: readonly string[]): number =>
    product(letters.map((letter) => sizes.get(letter) ?? 1));
  const turn = (array: WindowArray, term: string, letters: readonly string[]): WindowArray =>
    math.transpose(
      array,
      letters.map((letter) => term.indexOf(letter)),
    );
  const factors = [
    math.reshape(turn(a, left, [...common, ...rows, ...summed]), [
      size(common),
      size(rows),
      size(summed),
    ]),
    math.reshape(turn(b, right, [...common, ...summed, ...columns]), [
      size(common),
      size(summed),
      size(columns),
    ]),
  ] as const;
  const letters = [...common, ...rows, ...columns];
  const made = math.reshape(
    math.matMul(...factors),
    letters.map((letter) => sizes.get(letter) ?? 1),
  );
  return turn(made, letters.join(''), lettersOf(output));
}

/** The letters of a term, each of which is one code unit. */
function lettersOf(term: string): string[] {
  return term.split('');
}
