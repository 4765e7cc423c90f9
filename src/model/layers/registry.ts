import { activation, activationLayer } from './activations.js';
import { dense } from './dense.js';
import { dropout } from './dropout.js';
import { flatten } from './flatten.js';
import { input } from './input.js';
import type { LayerBuilder } from './layer.js';
import { lstm } from './lstm.js';

/** Every layer that is computed exactly, by Keras' class name. What is not here is refused. */
export const layerBuilders: ReadonlyMap<string, LayerBuilder> = new Map<string, LayerBuilder>([
  ['InputLayer', input],
  ['LSTM', lstm],
  ['Dense', dense],
  ['Activation', activation],
  activationLayer('ReLU'),
  activationLayer('LeakyReLU'),
  ['Dropout', dropout],
  ['Flatten', flatten],
]);
