import { normalizeConfig } from './normalize-config.js';

/** TensorFlow 1.13 to the betas of 2.0 wrote these names (tfjs-converter, `_CLASS_NAME_MAP`). */
const tensorflow1Names = [
  ['UnifiedLSTM', 'LSTM'],
  ['UnifiedGRU', 'GRU'],
  ['BatchNormalizationV1', 'BatchNormalization'],
  ['BatchNormalizationV2', 'BatchNormalization'],
] as const;

/** Names of Keras 1 that later versions still accept. */
const keras1Names = [
  ['Convolution1D', 'Conv1D'],
  ['SeparableConvolution1D', 'SeparableConv1D'],
] as const;

/** Keras 3 exports the class under the second name, and writes the first into files. */
const exportedNames = [['GroupedQueryAttention', 'GroupQueryAttention']] as const;

const currentNames: ReadonlyMap<string, string> = new Map<string, string>([
  ...tensorflow1Names,
  ...keras1Names,
  ...exportedNames,
]);

/** The name that Keras gives a class today. This is the one place that knows the others. */
export function currentClassName(className: string): string {
  return currentNames.get(className) ?? className;
}

/** A configuration with the class names of today. */
export function withCurrentClassNames(architecture: unknown): unknown {
  return normalizeConfig(architecture, ({ className, config }) => ({
    className: currentClassName(className),
    config,
  }));
}
