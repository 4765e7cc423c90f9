import { everySample } from '../rate.js';
import type { PlanBuilder } from '../plan-builder.js';
import { product } from '../shape.js';
import type { ConstantArray, NamedLayer, Tensor } from '../tensor.js';
import type { Argument, LayerInputs } from './layer-builder/layer-context.js';

/** Merges that give an input of fewer axes new ones after the batch. */
const merges: ReadonlySet<string> = new Set([
  'Add',
  'Subtract',
  'Multiply',
  'Average',
  'Maximum',
  'Minimum',
]);

/**
 * The inputs of a layer with a value of the plan for each that is constant. Beside an input that is not, it comes
 * whenever that one does; alone it comes at every sample.
 *
 * @throws NeedsWindow where the builder takes steps, and the constant has steps that samples do not bring
 */
export function withConstantValues(
  layer: NamedLayer & { readonly isOperation: boolean },
  builder: PlanBuilder,
  given: LayerInputs,
): LayerInputs {
  const beside = given.inputs.find(
    ({ constant, form, padding }) =>
      constant === undefined && padding === undefined && (form === 'sequence' || form === 'vector'),
  );
  const made = new Map<Tensor, Tensor>();
  const valued = (tensor: Tensor): Tensor => {
    const { constant } = tensor;
    if (constant === undefined) {
      return tensor;
    }
    const value = made.get(tensor) ?? valueOf(layer, builder, constant, beside);
    made.set(tensor, value);
    return value;
  };
  const argument = (one: Argument): Argument =>
    'tensor' in one ? { tensor: valued(one.tensor) } : one;
  return {
    ...given,
    inputs: given.inputs.map(valued),
    initialState: given.initialState.map(valued),
    args: given.args.map(argument),
    named: Object.fromEntries(
      Object.entries(given.named).map(([key, tensor]) => [key, valued(tensor)]),
    ),
  };
}

function valueOf(
  layer: NamedLayer & { readonly isOperation: boolean },
  builder: PlanBuilder,
  constant: ConstantArray,
  beside: Tensor | undefined,
): Tensor {
  const { numbers, shape } = constant;
  const [steps = 1] = shape.length > 1 ? shape : [];
  const size = shape.at(-1) ?? 1;
  const row = numbers.subarray(0, size);
  const isSameRow = numbers.every((number, i) => number === row[i % size]);
  if (beside !== undefined && shape.length <= 2 && isSameRow) {
    const count =
      builder.kind === 'window' ? builder.stepsOf(beside.value) : (beside.rate.count ?? undefined);
    const isBroadcast = steps === 1 && (shape.length === 2 ? layer.isOperation : false);
    const isMerge = !layer.isOperation && merges.has(layer.className) && steps === 1;
    const fits =
      beside.form === 'sequence'
        ? isMerge || isBroadcast || (shape.length === 2 && steps === count)
        : shape.length === 1;
    if (fits) {
      const value = constantLike(layer, builder, beside.value, row);
      const { form, rate, mayBeAbsent } = beside;
      return { value, size, form, rate, mask: null, ...(mayBeAbsent === true && { mayBeAbsent }) };
    }
  }
  const window = builder.window;
  if (
    builder.kind === 'step' &&
    (shape.length === 1 || (isSameRow && shape.length === 2 && steps === window))
  ) {
    const form = shape.length === 1 ? 'vector' : 'sequence';
    return {
      value: constantLike(layer, builder, 0, row),
      size,
      form,
      rate: everySample(window),
      mask: null,
    };
  }
  const whole = builder.requireWindow(
    layer,
    `it takes a constant of ${steps} steps, which are not those of the samples`,
  );
  const last = whole.window === 1 ? 0 : whole.crop(layer.name, 0, whole.window - 1, 1);
  const flat = constantLike(layer, whole, last, numbers);
  const vector = { size, form: 'vector', rate: everySample(1), mask: null } as const;
  if (shape.length === 1) {
    return { ...vector, value: flat };
  }
  const count = product(shape.slice(0, -1));
  const value = count === 1 ? flat : whole.reshape(layer.name, flat, count, size);
  return shape.length === 2
    ? { ...vector, value, form: 'sequence', rate: everySample(count) }
    : { ...vector, value, form: 'array', dimensions: [...shape], rate: everySample(count) };
}

/** A value of these numbers, which is written whenever another is. */
function constantLike(
  { name }: NamedLayer,
  builder: PlanBuilder,
  other: number,
  numbers: Float32Array,
): number {
  const size = numbers.length;
  const spread = builder.valueLike(other, size);
  builder.add({
    kind: 'gather',
    layer: name,
    input: other,
    output: spread,
    indices: new Int32Array(size),
  });
  const output = builder.valueLike(other, size);
  // Zero times a number that is finite; where it is not, the state is reset either way.
  const [scale, shift] = [new Float32Array(size), Float32Array.from(numbers)];
  builder.add({ kind: 'affine', layer: name, input: spread, output, scale, shift });
  return output;
}
