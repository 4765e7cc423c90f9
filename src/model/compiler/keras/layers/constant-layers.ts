import { product, type Shape } from '../../shape.js';
import type { ConstantArray, Tensor } from '../../tensor.js';
import { constantTensor } from '../../tensor.js';
import type { BuiltLayer, LayerContext } from '../layer-builder/layer-context.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { shortText } from '../layer-builder/short-text.js';

type Fold = (layer: LayerContext, constant: ConstantArray) => ConstantArray;

const unchangedBy =
  (...options: string[]): Fold =>
  (layer, constant) => {
    layer.options.ignore(...options);
    return constant;
  };

/** Layers of a constant that are computed once, at load. */
const folds: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['Embedding', embedded],
  [
    'Flatten',
    (layer, { numbers }) => {
      layer.options.ignore('data_format');
      return { numbers, shape: [numbers.length] };
    },
  ],
  ['Reshape', reshaped],
  ['RepeatVector', repeated],
  ['Dropout', unchangedBy('rate', 'noise_shape')],
  ['Identity', unchangedBy()],
]);

/** The output of a layer whose only input is a constant, computed at load; undefined where it is computed as of any other. */
export function foldedLayer(layer: LayerContext): BuiltLayer | undefined {
  const [input, ...others] = layer.inputs;
  const fold = folds.get(layer.className);
  if (input?.constant === undefined || others.length > 0 || fold === undefined) {
    return undefined;
  }
  const output: Tensor = constantTensor(fold(layer, input.constant));
  return { outputs: [output], streaming: 'constant' };
}

/** The rows of the table at these indices. Keras gives numbers for any index; here it must be one of the table. */
function embedded(
  { options, weights }: LayerContext,
  { numbers, shape }: ConstantArray,
): ConstantArray {
  options.only('mask_zero', false, 'a mask of a constant is not supported');
  options.only('lora_rank', false, 'LoRA weights are not supported: merge them first');
  options.only('quantization_config', false, 'quantized weights are not supported');
  const [rows, size] = [options.size('input_dim'), options.size('output_dim')];
  const table = weights.take('embeddings', [rows, size]);
  const output = new Float32Array(numbers.length * size);
  for (const [i, index] of numbers.entries()) {
    if (!Number.isSafeInteger(index) || index < 0 || index >= rows) {
      throw options.refused(`its constant is ${index}: it has rows 0 to ${rows - 1}`);
    }
    output.set(table.subarray(index * size, (index + 1) * size), i * size);
  }
  return { numbers: output, shape: [...shape, size] };
}

function reshaped({ options }: LayerContext, { numbers }: ConstantArray): ConstantArray {
  const target = plainValue(options.raw('target_shape'));
  const sizes: readonly unknown[] = Array.isArray(target) ? target : [];
  const known = sizes.filter((size) => typeof size === 'number' && size > 0).map(Number);
  const shape: Shape = sizes.map((size) =>
    size === -1 ? numbers.length / product(known) : Number(size),
  );
  if (product(shape) !== numbers.length || !shape.every(Number.isSafeInteger)) {
    throw options.malformed(`target_shape=${shortText(target)} has not ${numbers.length} numbers`);
  }
  return { numbers, shape };
}

function repeated({ options }: LayerContext, { numbers, shape }: ConstantArray): ConstantArray {
  if (shape.length !== 1) {
    throw options.malformed('its input has a time axis (expected ndim=2)');
  }
  const steps = options.size('n');
  const output = new Float32Array(steps * numbers.length);
  for (let step = 0; step < steps; step += 1) {
    output.set(numbers, step * numbers.length);
  }
  return { numbers: output, shape: [steps, ...shape] };
}
