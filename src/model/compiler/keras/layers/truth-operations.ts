import { Rows } from '../../operations/rows.js';
import { rowSizeOf, type Tensor } from '../../tensor.js';
import type { Argument, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireAnyValue } from '../layer-builder/layer-inputs.js';
import { binaryOf } from './binary-operations.js';
import { any, logicalOr, notEqual } from './masking.js';
import { overAxes, rankOf, readAxes } from './over-axes.js';
import { squeezed } from './reduce-operations.js';
import { mayBeNotFinite } from './unchosen-branch.js';

/*
 * A truth is a tensor of 0 for false and 1 for true (`Tensor.isTruth`).
 */

/** Says what a comparison makes of the sign of `a - b`. */
const comparisons: Readonly<Record<string, (sign: Rows) => Rows>> = {
  Greater: (sign) => positive(sign),
  GreaterEqual: (sign) => not(positive(sign.affine(-1, 0))),
  Less: (sign) => positive(sign.affine(-1, 0)),
  LessEqual: (sign) => not(positive(sign)),
  Equal: (sign) => not(sign.activate({ kind: 'absolute' })),
  NotEqual: (sign) => sign.activate({ kind: 'absolute' }),
};

function positive(sign: Rows): Rows {
  return sign.activate({ kind: 'clip', least: 0, most: 1 });
}

function not(truth: Rows): Rows {
  return truth.affine(-1, 1);
}

function compared(layer: LayerContext, className: string, args: readonly Argument[]): Tensor {
  const difference = operated(layer, 'Subtract', args);
  const compare = comparisons[className] ?? positive;
  return {
    ...each(layer, difference, (rows) => compare(rows.activate({ kind: 'sign' }))),
    isTruth: true,
  };
}

const comparison: LayerBuilder = (layer) => ({
  outputs: [compared(layer, layer.className, layer.args)],
  streaming: 'pointwise',
});

/** NotEqual, which is how Masking's mask begins, too. */
const notEqualOrMask: LayerBuilder = (layer) => {
  const [first, second] = layer.args;
  const isNumber =
    second !== undefined && 'constant' in second && typeof second.constant === 'number';
  const isSequence = first !== undefined && 'tensor' in first && first.tensor.form === 'sequence';
  return isNumber && isSequence && first.tensor.isTruth !== true
    ? notEqual(layer)
    : comparison(layer);
};

/** Any and All over axes of truths; Any of what Masking compares is its mask. */
const anyOrMask: LayerBuilder = (layer) => {
  const { options, inputs } = layer;
  const [input] = inputs;
  const isMasks =
    input?.form === 'mask' ||
    (input?.form === 'comparison' &&
      options.raw('axis') === -1 &&
      options.raw('keepdims') !== true);
  return isMasks ? any(layer) : overTruths('maximum')(layer);
};

const overTruths =
  (operation: 'maximum' | 'minimum'): LayerBuilder =>
  (layer) => {
    const { options } = layer;
    const input = truthOf(layer, layer.args[0]);
    const axes = readAxes(options, 'axis', options.raw('axis'), rankOf(input));
    const reduced = overAxes(layer, input, axes, (rows) => rows.reduce(operation));
    const isKept = options.boolean('keepdims', false);
    const output = isKept ? reduced : squeezed(layer, reduced, axes);
    return { outputs: [{ ...output, mask: null, isTruth: true }], streaming: 'pointwise' };
  };

const logical =
  (operation: 'Multiply' | 'Maximum'): LayerBuilder =>
  (layer) => ({ outputs: [ofTruths(layer, operation)], streaming: 'pointwise' });

/** LogicalOr of truths; of masks it is the mask of a layer with two inputs. */
const orOrMask: LayerBuilder = (layer) =>
  layer.inputs.some(({ form }) => form === 'mask') ? logicalOr(layer) : logical('Maximum')(layer);

const exclusiveOr: LayerBuilder = (layer) => {
  const difference = ofTruths(layer, 'Subtract');
  const output = each(layer, difference, (rows) => rows.activate({ kind: 'absolute' }));
  return { outputs: [{ ...output, isTruth: true }], streaming: 'pointwise' };
};

const logicalNot: LayerBuilder = (layer) => {
  const output = each(layer, truthOf(layer, layer.args[0]), not);
  return { outputs: [{ ...output, isTruth: true }], streaming: 'pointwise' };
};

function ofTruths(layer: LayerContext, className: string): Tensor {
  const args = layer.args.map((argument) => {
    const { isTruth: _truth, ...floats } = truthOf(layer, argument);
    return { tensor: floats };
  });
  return { ...operated(layer, className, args), isTruth: true };
}

/** Where: one of two, by a truth. The other one must be a number too, since both are computed. */
const where: LayerBuilder = (layer) => {
  const [condition, a, b] = layer.args;
  if (a === undefined || b === undefined || layer.args.length !== 3) {
    throw layer.options.refused('only a choice between two arguments is supported');
  }
  for (const branch of [a, b]) {
    if ('tensor' in branch && mayBeNotFinite(layer.builder.ops, branch.tensor.value)) {
      throw layer.options.refused(
        'a branch is a root, a logarithm or a quotient that may be no finite number where the other one is chosen: keep what it is computed of in bounds, with ops.maximum or another ops.where',
      );
    }
  }
  const { isTruth: _truth, ...chosen } = truthOf(layer, condition);
  const other = each(layer, chosen, not);
  const kept = operated(layer, 'Multiply', [{ tensor: chosen }, a]);
  const rest = operated(layer, 'Multiply', [{ tensor: other }, b]);
  const output = operated(layer, 'Add', [{ tensor: kept }, { tensor: rest }]);
  return { outputs: [output], streaming: 'pointwise' };
};

/** ZerosLike, OnesLike and FullLike of floats. */
export const filledLike =
  (number: number | undefined): LayerBuilder =>
  (layer) => {
    const { args, options } = layer;
    const [first, second] = args;
    const given = second !== undefined && 'constant' in second ? second.constant : number;
    const type = options.raw('dtype') ?? null;
    if (
      first === undefined ||
      !('tensor' in first) ||
      typeof given !== 'number' ||
      (type !== null && type !== 'float32')
    ) {
      throw options.refused('only tensors of one float32 number are supported');
    }
    requireAnyValue(layer, first.tensor);
    const { isTruth: _truth, ...tensor } = first.tensor;
    const output = each(layer, tensor, (rows) =>
      rows.gather(new Int32Array(rows.size).fill(-1)).affine(1, given),
    );
    return { outputs: [{ ...output, mask: null }], streaming: 'pointwise' };
  };

/** Argmax and Argmin: the first index of the largest, or least, float along an axis. */
const extremeIndex =
  (isLargest: boolean): LayerBuilder =>
  (layer) => {
    const { options } = layer;
    const [input] = layer.inputs;
    if (input === undefined) {
      throw options.malformed('it has no input');
    }
    requireAnyValue(layer, input);
    const axes = readAxes(options, 'axis', options.raw('axis'), rankOf(input));
    const output = overAxes(layer, { ...input, mask: null }, axes, (rows) => {
      const extreme = rows.reduce(isLargest ? 'maximum' : 'minimum');
      // 0 where a float is the extreme; any other gets an index beyond all.
      const isOther = rows
        .merge('subtract', extreme)
        .activate({ kind: 'sign' })
        .activate({ kind: 'absolute' });
      const beyond = new Float32Array(rows.size).fill(rows.size);
      return isOther
        .affine(
          beyond,
          Float32Array.from(beyond, (_, i) => i),
        )
        .reduce('minimum');
    });
    const isKept = options.boolean('keepdims', false);
    return {
      outputs: [isKept ? output : squeezed(layer, output, axes)],
      streaming: layer.builder.kind === 'step' ? 'pointwise' : 'whole window',
    };
  };

/** The builders of comparisons, of logic, and of what is chosen by them, by Keras' class name. */
export const truthOperations: readonly (readonly [string, LayerBuilder])[] = [
  ['Greater', comparison],
  ['GreaterEqual', comparison],
  ['Less', comparison],
  ['LessEqual', comparison],
  ['Equal', comparison],
  ['NotEqual', notEqualOrMask],
  ['LogicalAnd', logical('Multiply')],
  ['LogicalOr', orOrMask],
  ['LogicalXor', exclusiveOr],
  ['LogicalNot', logicalNot],
  ['Any', anyOrMask],
  ['All', overTruths('minimum')],
  ['Where', where],
  ['Argmax', extremeIndex(true)],
  ['Argmin', extremeIndex(false)],
];

/** A truth as floats. */
export function truthOf(layer: LayerContext, argument: Argument | undefined): Tensor {
  const { options, builder, name } = layer;
  if (argument === undefined || !('tensor' in argument)) {
    throw options.refused('only what a comparison gives is supported');
  }
  const { tensor } = argument;
  if (tensor.form === 'comparison') {
    const { value, size, rate, maskValue = 0 } = tensor;
    const rows = new Rows(builder, name, value, size)
      .affine(1, -maskValue)
      .activate({ kind: 'sign' })
      .activate({ kind: 'absolute' });
    return { value: rows.value, size, rate, form: 'sequence', mask: null, isTruth: true };
  }
  if (tensor.isTruth !== true) {
    throw options.refused('only what a comparison gives is supported');
  }
  return tensor;
}

function operated(layer: LayerContext, className: string, args: readonly Argument[]): Tensor {
  const [output] = binaryOf({ ...layer, args }, className).outputs;
  if (output === undefined) {
    throw layer.options.malformed('it has no output');
  }
  return output;
}

function each(layer: LayerContext, tensor: Tensor, compute: (rows: Rows) => Rows): Tensor {
  const rows = new Rows(layer.builder, layer.name, tensor.value, rowSizeOf(tensor));
  return { ...tensor, value: compute(rows).value };
}
