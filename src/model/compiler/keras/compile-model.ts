import type { StreamPlan } from '../../plan/stream-plan.js';
import type { ModelSource } from '../../source/model-source.js';
import { compilePlan, type CompileOptions } from '../compile-plan.js';
import { readTopology } from './graph/read-topology.js';
import { ModelWalk } from './model-walk.js';
import { outermost } from './weights/layer-place.js';
import { ModelWeights } from './weights/model-weights.js';

/**
 * Compiles a Keras model.
 *
 * @throws LstmdError as `compilePlan` and `readTopology` do
 */
export function compileModel(source: ModelSource, options: CompileOptions): StreamPlan {
  const topology = readTopology(source.architecture);
  const weights = new ModelWeights();
  weights.locate(outermost, topology, source.weights);
  return compilePlan(
    {
      name: topology.name,
      origin: `Keras ${source.kerasVersion}, ${source.container}`,
      build: (builder) => new ModelWalk(source.kerasMajor, weights, builder).walk(topology),
      unreadWeights: () => source.weights.unread(),
    },
    options,
  );
}
