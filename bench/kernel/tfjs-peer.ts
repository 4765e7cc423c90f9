import type { Contestant } from '#src/commands/bench/kernel/contestant.js';
import { features, negativeSlope, type SeedModel } from '#src/commands/bench/kernel/seed-model.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

/** The part of TensorFlow.js that is used. */
interface Tfjs {
  readonly layers: Readonly<Record<'lstm' | 'leakyReLU' | 'dense', (options: object) => object>>;
  sequential(options: { readonly layers: readonly object[] }): Model;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  ready(): Promise<void>;
  getBackend(): string;
}

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

interface Model {
  predict(input: Tensor): Tensor;
  setWeights(weights: readonly Tensor[]): void;
}

/** The seed model in TensorFlow.js' own stateful layers; each `predict` is one step. */
export async function tfjsContestant(
  name: string,
  seed: SeedModel,
  library: unknown,
): Promise<Contestant> {
  const tf = library as Tfjs;
  await tf.ready();
  const { layers } = tf;
  const recurrent = { stateful: true, returnSequences: true, recurrentActivation: 'sigmoid' };
  const model = tf.sequential({
    layers: [
      layers.lstm({ ...recurrent, units: 32, batchInputShape: [1, 1, features] }),
      layers.leakyReLU({ alpha: negativeSlope }),
      layers.lstm({ ...recurrent, units: 16, returnSequences: false }),
      layers.leakyReLU({ alpha: negativeSlope }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  model.setWeights(weightsOf(seed).map(({ values, shape }) => tf.tensor(values, shape)));
  const sample = randomFloats(features, 1, 7);
  return {
    model: seed.plan.name,
    engine: `${name} ${tf.getBackend()}`,
    way: 'single',
    weights: 'f32',
    samples: 1,
    run(calls) {
      for (let call = 0; call < calls; call += 1) {
        const input = tf.tensor(sample, [1, 1, features]);
        const output = model.predict(input);
        output.dataSync();
        input.dispose();
        output.dispose();
      }
    },
  };
}

/** The weights in the order in which Keras lists them. */
function weightsOf({ first, second, head }: SeedModel) {
  return [
    ...[first, second].flatMap(({ kernel, recurrentKernel, bias, units }) => [
      { values: kernel, shape: [kernel.length / (4 * units), 4 * units] },
      { values: recurrentKernel, shape: [units, 4 * units] },
      { values: bias ?? new Float32Array(4 * units), shape: [4 * units] },
    ]),
    { values: head.kernel, shape: [head.kernel.length, 1] },
    { values: head.bias ?? new Float32Array(1), shape: [1] },
  ];
}
