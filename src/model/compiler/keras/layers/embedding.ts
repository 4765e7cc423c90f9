import type { StepOp, ValueId } from '../../../plan/step-op.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import type { Tensor } from '../../tensor.js';

/**
 * Embedding of a feature that is a whole number: the row of a table, as the product of the table with a vector that
 * is 1 for the number and 0 for every other. One of a constant is computed at load (`foldedLayer`).
 */
export const embedding: LayerBuilder = (layer) => {
  const { name, options, weights, builder, modelInputs } = layer;
  const input = indicesOf(layer);
  options.only('mask_zero', false, 'a mask of a feature that is 0 is not supported');
  options.only('lora_rank', false, 'LoRA weights are not supported: merge them first');
  options.only('quantization_config', false, 'quantized weights are not supported');
  const [rows, size] = [options.size('input_dim'), options.size('output_dim')];
  const kernel = weights.take('embeddings', [rows, size]);
  for (let i = 0; i < input.size; i += 1) {
    const feature = featureOf(builder.ops, input.value, i);
    if (feature === undefined) {
      throw options.refused('its input is computed, and not a feature of the sensor as it is');
    }
    modelInputs.requireIndex(feature, rows);
  }
  const chosen = rowChoice(layer, input, rows);
  const isRow = input.form !== 'sequence' && input.rank !== 2;
  if (isRow) {
    const output = builder.valueLike(input.value, size);
    builder.add({
      kind: 'dense',
      layer: name,
      input: chosen,
      output,
      kernel,
      bias: null,
      activation: { kind: 'linear' },
    });
    const { rate } = input;
    return {
      outputs: [{ value: output, size, form: 'sequence', rate, mask: null }],
      streaming: 'pointwise',
    };
  }
  return arrayOfRows(layer, input, chosen, { rows, size, kernel });
};

function indicesOf({ inputs, options }: LayerContext): Tensor {
  const [input] = inputs;
  const isFeature =
    input?.form === 'indices' ||
    input?.form === 'sequence' ||
    (input?.form === 'flattened' && input.size === 1);
  if (input === undefined || !isFeature) {
    const name = input?.stateInput?.name;
    const wayOut =
      name === undefined
        ? ''
        : `; where "${name}" is the same at all times give it as a constant (model.constants, --constant ${name}=...), and where it is a feature of the sensor name it in model.inputs`;
    throw options.refused(
      `Embedding layers take numbers of words, and a stream has the readings of a sensor${wayOut}`,
    );
  }
  return input;
}

/** The feature of the sample that a float of a value is; undefined where it is computed. */
function featureOf(ops: readonly StepOp[], value: ValueId, index: number): number | undefined {
  let [at, float] = [value, index];
  while (at !== 0) {
    const made = ops.find((op) => op.output === at);
    if (made?.kind !== 'gather') {
      return undefined;
    }
    float = made.indices[float] ?? -1;
    at = made.input;
  }
  return float < 0 ? undefined : float;
}

/** For each number 1 where it is a row of the table and 0 elsewhere: max(1 - |x - row|, 0). */
function rowChoice({ name, builder }: LayerContext, input: Tensor, rows: number): ValueId {
  const size = input.size * rows;
  const rowOf = (n: number) => n % rows;
  const next = () => builder.valueLike(input.value, size);
  const [spread, apart, distance, nearness, chosen] = [next(), next(), next(), next(), next()];
  const indices = Int32Array.from({ length: size }, (_, n) => Math.floor(n / rows));
  const each = (number: (n: number) => number) =>
    Float32Array.from({ length: size }, (_, n) => number(n));
  const layer = name;
  builder.add({ kind: 'gather', layer, input: input.value, output: spread, indices });
  builder.add({
    kind: 'affine',
    layer,
    input: spread,
    output: apart,
    scale: each(() => 1),
    shift: each((n) => -rowOf(n)),
  });
  builder.add({
    kind: 'activation',
    layer,
    input: apart,
    output: distance,
    activation: { kind: 'absolute' },
  });
  builder.add({
    kind: 'affine',
    layer,
    input: distance,
    output: nearness,
    scale: each(() => -1),
    shift: each(() => 1),
  });
  const activation = { kind: 'relu', negativeSlope: 0, threshold: 0, maxValue: Infinity } as const;
  builder.add({ kind: 'activation', layer, input: nearness, output: chosen, activation });
  return chosen;
}

/** Rows for each of some features: (steps, features, size). */
function arrayOfRows(
  layer: LayerContext,
  input: Tensor,
  chosen: ValueId,
  {
    rows,
    size,
    kernel,
  }: { readonly rows: number; readonly size: number; readonly kernel: Float32Array },
): BuiltLayer {
  const { name } = layer;
  const builder = layer.builder.requireWindow(
    layer,
    'its input has an axis of features, so that it makes a third; mode sliding would work',
  );
  const steps = builder.stepsOf(input.value);
  const count = steps * input.size;
  const each = builder.reshape(name, chosen, count, rows);
  const value = builder.value(size, count);
  builder.add({
    kind: 'dense',
    layer: name,
    input: each,
    output: value,
    kernel,
    bias: null,
    activation: { kind: 'linear' },
  });
  const dimensions = [steps, input.size, size];
  const output: Tensor = { ...input, value, size, form: 'array', dimensions, mask: null };
  return { outputs: [output], streaming: 'whole window' };
}
