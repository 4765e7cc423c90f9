import { shapeOf, type Tensor } from '../../tensor.js';
import type { ArrayMath } from '../../window-array.js';
import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';

/**
 * Makes a builder of a layer whose features are the last axis build it where they are the first one
 * too (`data_format="channels_first"`): the axes change places before it, and back behind it.
 */
export const withFeaturesLast =
  (build: LayerBuilder): LayerBuilder =>
  (layer) => {
    const { options } = layer;
    const format = options.raw('data_format') ?? 'channels_last';
    if (format === 'channels_last') {
      return build(layer);
    }
    if (format !== 'channels_first') {
      throw options.malformed(`data_format ${shortText(format)} is not known`);
    }
    const input = anyInput(layer);
    const axes = shapeOf(input).map((_, axis) => axis);
    const math = arrayMath(layer, 'the features are its first axis, before the steps of a window');
    const turned = turn(math, input, [...axes.slice(1), 0]);
    const { outputs, streaming } = build({ ...layer, inputs: [turned] });
    return {
      outputs: outputs.map((output) => {
        const last = shapeOf(output).length - 1;
        return last === 0
          ? output
          : turn(math, output, [last, ...axes.filter((axis) => axis < last)]);
      }),
      streaming,
    };

    function turn(arithmetic: ArrayMath, tensor: Tensor, order: readonly number[]): Tensor {
      return arrayTensor(layer, arithmetic, arithmetic.transpose(arrayOf(tensor), order));
    }
  };
