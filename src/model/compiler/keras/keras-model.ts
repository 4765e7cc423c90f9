import type { ModelSource } from '../../source/model-source.js';
import type { CompilableModel } from '../compile-plan.js';
import type { InputOptions } from '../../plan/input-options.js';
import { lossesOf } from './model-losses.js';
import { ModelInputs } from './model-inputs.js';
import { readTopology } from './graph/read-topology.js';
import { ModelWalk } from './model-walk.js';
import { outermost } from './weights/layer-place.js';
import { ModelWeights } from './weights/model-weights.js';

/**
 * A Keras model that can be compiled, more than once. Its layers take the weights of the source, which is of no
 * further use.
 *
 * @throws LstmdError as `readTopology` does, and `model.malformed` for weights that are missing
 */
export function kerasModel(source: ModelSource, options: InputOptions): CompilableModel {
  const topology = readTopology(source.architecture);
  const inputs = new ModelInputs(topology, options);
  const weights = new ModelWeights();
  weights.locate(outermost, topology, source.weights);
  return {
    name: topology.name,
    origin: `Keras ${source.kerasVersion}, ${source.container}`,
    build: (builder) => new ModelWalk(source.kerasMajor, inputs, weights, builder).walk(topology),
    inputs: inputs.sequences,
    constants: options.constants ?? {},
    lossesOf: (outputs) => lossesOf(source.loss, outputs),
    indexFeatures: () => inputs.indexFeatures,
    unreadWeights: () => source.weights.unread(),
  };
}
