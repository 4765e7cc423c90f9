import { LstmdError } from '../../../base/errors.js';
import type { LayerEntry } from './graph/layer-entry.js';
import { adaptivePooling } from './layers/adaptive-pooling.js';
import { additiveAttention, attention } from './layers/attention.js';
import { bidirectional } from './layers/bidirectional.js';
import { conv1d, depthwiseConv1d, separableConv1d } from './layers/conv.js';
import { dot } from './layers/dot.js';
import {
  convolution,
  depthwiseConvolution,
  separableConvolution,
} from './layers/grid-convolution.js';
import { gridCropping, gridPadding, gridUpSampling } from './layers/grid-ends.js';
import { globalGridPooling, gridPooling } from './layers/grid-pooling.js';
import { transposedConvolution } from './layers/transposed-convolution.js';
import { withFeaturesLast } from './layers/features-last.js';
import { groupQueryAttention, multiHeadAttention } from './layers/multi-head-attention.js';
import { convLstm } from './layers/conv-lstm.js';
import { dense } from './layers/dense.js';
import { embedding } from './layers/embedding.js';
import { input } from './layers/input.js';
import type { LayerBuilder } from './layer-builder/layer-context.js';
import { masking } from './layers/masking.js';
import { concatenate, merge } from './layers/merge.js';
import {
  batchNormalization,
  layerNormalization,
  normalization,
  rescaling,
} from './layers/normalization.js';
import { operationBuilders } from './layers/operations.js';
import { activation, activationLayer, identity, prelu, softmax } from './layers/pointwise.js';
import { globalPooling } from './layers/global-pooling.js';
import { pooling } from './layers/pooling.js';
import { cudnnGru, cudnnLstm, gru, lstm, simpleRnn } from './layers/recurrent.js';
import { rnn } from './layers/rnn.js';
import { cropping1d, zeroPadding1d } from './layers/padding.js';
import { permute } from './layers/permute.js';
import { repeatVector } from './layers/repeat-vector.js';
import { flatten, reshape } from './layers/reshape.js';
import { rmsNormalization, unitNormalization } from './layers/unit-normalization.js';
import { rowWise } from './layers/array-tensor.js';
import { groupNormalization } from './layers/group-normalization.js';
import { spectralNormalization } from './layers/spectral-normalization.js';
import { einsumDense } from './layers/einsum-dense.js';
import { upSampling1d } from './layers/up-sampling.js';
import { timeDistributed } from './layers/time-distributed.js';

/** The builder of every layer that is computed exactly, by Keras' class name. Any other class is refused. */
const layerBuilders: ReadonlyMap<string, LayerBuilder> = new Map<string, LayerBuilder>([
  ['InputLayer', input],

  ['LSTM', lstm],
  ['CuDNNLSTM', cudnnLstm],
  ['GRU', gru],
  ['CuDNNGRU', cudnnGru],
  ['SimpleRNN', simpleRnn],
  ['RNN', rnn],
  ['ConvLSTM1D', convLstm(1)],
  ['ConvLSTM2D', convLstm(2)],
  ['ConvLSTM3D', convLstm(3)],
  ['Bidirectional', bidirectional],

  ['Dense', rowWise(dense)],
  ['EinsumDense', einsumDense],
  ['TimeDistributed', timeDistributed],
  ['SpectralNormalization', spectralNormalization],
  ['Activation', rowWise(activation)],
  activationLayer('ReLU'),
  activationLayer('LeakyReLU'),
  activationLayer('ELU'),
  activationLayer('ThresholdedReLU'),
  ['PReLU', prelu],
  ['Softmax', softmax],
  ['BatchNormalization', batchNormalization],
  ['LayerNormalization', layerNormalization],
  ['GroupNormalization', groupNormalization],
  ['UnitNormalization', unitNormalization],
  ['RMSNormalization', rmsNormalization],
  ['Normalization', rowWise(normalization)],
  ['Rescaling', rowWise(rescaling)],
  ['Masking', masking],
  ['Dropout', identity],
  ['SpatialDropout1D', identity],
  ['SpatialDropout2D', identity],
  ['SpatialDropout3D', identity],
  ['GaussianNoise', identity],
  ['GaussianDropout', identity],
  ['AlphaDropout', identity],
  ['ActivityRegularization', identity],
  ['Identity', identity],

  ['Add', merge('add')],
  ['Subtract', merge('subtract')],
  ['Multiply', merge('multiply')],
  ['Average', merge('average')],
  ['Maximum', merge('maximum')],
  ['Minimum', merge('minimum')],
  ['Concatenate', concatenate],
  ['Dot', dot],

  ['Attention', attention],
  ['AdditiveAttention', additiveAttention],
  ['MultiHeadAttention', multiHeadAttention],
  ['GroupQueryAttention', groupQueryAttention],

  ['Conv1D', withFeaturesLast(conv1d)],
  ['DepthwiseConv1D', withFeaturesLast(depthwiseConv1d)],
  ['SeparableConv1D', withFeaturesLast(separableConv1d)],
  ['Conv1DTranspose', transposedConvolution(1)],
  ['MaxPooling1D', withFeaturesLast(pooling('maximum'))],
  ['AveragePooling1D', withFeaturesLast(pooling('average'))],
  ['GlobalMaxPooling1D', withFeaturesLast(globalPooling('maximum'))],
  ['GlobalAveragePooling1D', withFeaturesLast(globalPooling('average'))],

  ['Conv2D', convolution(2)],
  ['Conv3D', convolution(3)],
  ['DepthwiseConv2D', depthwiseConvolution(2)],
  ['SeparableConv2D', separableConvolution(2)],
  ['Conv2DTranspose', transposedConvolution(2)],
  ['Conv3DTranspose', transposedConvolution(3)],
  ['MaxPooling2D', gridPooling(2, 'maximum')],
  ['MaxPooling3D', gridPooling(3, 'maximum')],
  ['AveragePooling2D', gridPooling(2, 'average')],
  ['AveragePooling3D', gridPooling(3, 'average')],
  ['AdaptiveMaxPooling1D', adaptivePooling(1, 'maximum')],
  ['AdaptiveMaxPooling2D', adaptivePooling(2, 'maximum')],
  ['AdaptiveMaxPooling3D', adaptivePooling(3, 'maximum')],
  ['AdaptiveAveragePooling1D', adaptivePooling(1, 'average')],
  ['AdaptiveAveragePooling2D', adaptivePooling(2, 'average')],
  ['AdaptiveAveragePooling3D', adaptivePooling(3, 'average')],
  ['GlobalMaxPooling2D', globalGridPooling(2, 'maximum')],
  ['GlobalMaxPooling3D', globalGridPooling(3, 'maximum')],
  ['GlobalAveragePooling2D', globalGridPooling(2, 'average')],
  ['GlobalAveragePooling3D', globalGridPooling(3, 'average')],
  ['UpSampling2D', gridUpSampling(2)],
  ['UpSampling3D', gridUpSampling(3)],
  ['ZeroPadding2D', gridPadding(2)],
  ['ZeroPadding3D', gridPadding(3)],
  ['Cropping2D', gridCropping(2)],
  ['Cropping3D', gridCropping(3)],

  ['Flatten', withFeaturesLast(flatten)],
  ['Reshape', reshape],
  ['Embedding', embedding],
  ['Permute', permute],
  ['RepeatVector', repeatVector],
  ['UpSampling1D', upSampling1d],
  ['ZeroPadding1D', withFeaturesLast(zeroPadding1d)],
  ['Cropping1D', cropping1d],
]);

/** Every class of a layer that has a builder. */
export const layerClasses: readonly string[] = [...layerBuilders.keys()];

/** The reasons for refusing the classes that people ask for most. */
const reasons: ReadonlyMap<string, string> = new Map([
  [
    'Lambda',
    'Lambda layers are Python code, which is not in the file as anything that can be computed: write it with keras.ops (x[..., :3], ops.sqrt(x)) in a functional model, or save the model without it and do its work in `features`',
  ],
  [
    'Sampling',
    'Sampling is no layer of Keras, and one of this name draws random numbers (an autoencoder that is variational): save the model with the mean in its place, keras.Model(model.inputs, model.get_layer("z_mean").output).save("mean.keras")',
  ],
]);

/** Says how to do without a class that is not supported, be it a rare one of Keras or one that was written for the model. */
const wayOut =
  "build it from Keras' own layers and keras.ops, or save the model up to the layer in front of it, keras.Model(model.inputs, model.get_layer(NAME).output).save(FILE)";

/** Operations that Keras writes by itself to combine the masks of branches, and that are rare otherwise. */
const maskOperations: ReadonlySet<string> = new Set([
  'ExpandDims',
  'ZerosLike',
  'OnesLike',
  'LogicalAnd',
  'LogicalNot',
]);

function operationReason(className: string): string {
  const unsupported = `${className} operations are not supported`;
  return maskOperations.has(className)
    ? `${unsupported}; where nobody wrote one, Keras made it of the masks of a layer whose inputs are masked differently, such as Concatenate behind Masking: give Masking to all of its inputs, or to none`
    : unsupported;
}

/**
 * The builder of a layer.
 *
 * @throws LstmdError `model.refused` naming the layer and why there is none
 */
export function builderOf(layer: LayerEntry, label: string): LayerBuilder {
  const { className, custom, isOperation } = layer;
  if (custom !== null) {
    throw new LstmdError(
      'model.refused',
      `${label}: it is a class of package "${custom}", whose code is not in the file: ${wayOut}`,
    );
  }
  const build = (isOperation ? operationBuilders : layerBuilders).get(className);
  if (build === undefined) {
    throw new LstmdError(
      'model.refused',
      `${label}: ${reasons.get(className) ?? (isOperation ? operationReason(className) : `${className} layers are not supported: ${wayOut}`)}`,
    );
  }
  return build;
}
