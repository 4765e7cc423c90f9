import type { Engine } from '../../../engine/program/engine.js';
import type { StepProgram } from '../../../engine/program/program.js';
import { createStepArrays } from '../../../engine/program/step-arrays.js';
import type { WeightFormat } from '../../../engine/program/weight-format.js';
import type { RepeatedCall } from '../measure/rounds.js';
import { features } from './seed-model.js';
import { randomFloats } from './random-plan.js';

/** An engine or a library, one model and one way of calling: one line of the table. */
export interface Contestant extends RepeatedCall {
  /** `seed`, or `lstm` and the units of the one layer. */
  readonly model: string;
  /** The engine with its SIMD target, or the library. */
  readonly engine: string;
  readonly way: Way;
  /** The format in which large matrices are kept. */
  readonly weights: WeightFormat;
}

/**
 * - `single`: one sample a call;
 * - `block`: 64 samples a call;
 * - `sliding`: one sample a call, with the output over the window of the last 100;
 * - `streams`: one sample of each of 64 streams a call.
 */
export type Way = 'single' | 'block' | 'sliding' | 'streams';

export const slidingWindow = 100;
const blockSamples = 64;
export const streams = 64;

/** An engine of lstmd that steps the same arrays again and again, as the agent does. */
export function engineContestant(program: StepProgram, engine: Engine, way: Way): Contestant {
  const samples = { single: 1, sliding: 1, block: blockSamples, streams }[way];
  const isMany = way === 'streams';
  const arrays = createStepArrays(program, samples, isMany ? { streams } : {});
  arrays.input.set(randomFloats(samples * features, 1, 7));
  const step = isMany ? engine.bindMany(arrays) : engine.bind(arrays);
  return {
    model: program.plan.name,
    engine: `${engine.name} ${engine.target}`,
    way,
    weights: program.weights,
    samples,
    run(calls) {
      for (let call = 0; call < calls; call += 1) {
        step(samples);
      }
    },
  };
}
