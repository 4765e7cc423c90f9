import type { Engine } from '../../engine/program/engine.js';
import type { StepProgram } from '../../engine/program/program.js';
import { createStepArrays } from '../../engine/program/step-arrays.js';
import type { WeightFormat } from '../../engine/program/weight-format.js';
import { features, randomFloats } from './synthetic-plan.js';

/** What is measured against the others. */
export interface Contestant {
  /** `seed`, or `lstm` and the units of the one layer. */
  readonly model: string;
  /** The engine with its SIMD target, or the library. */
  readonly engine: string;
  readonly way: Way;
  /** How large matrices are kept. */
  readonly weights: WeightFormat;
  /** Samples that one call steps. */
  readonly samples: number;
  /** Does the call so often. */
  run(calls: number): void | Promise<void>;
}

/** One whose answers are compared with the others'. */
export interface Answering {
  /** The outputs for samples from the reset state on. */
  answers(input: Float32Array): Float32Array | Promise<Float32Array>;
}

/**
 * `single`: one sample a call; `block`: 64 a call; `sliding`: one a call, and for each the exact
 * answer over the last 100, of which one starts at every sample; `streams`: one sample a call of each
 * of 64 streams.
 */
export type Way = 'single' | 'block' | 'sliding' | 'streams';

export const slidingWindow = 100;
const blockSamples = 64;
export const streams = 64;

/** An engine of ours, stepping the same arrays again and again as the agent does. */
export function engineContestant(program: StepProgram, engine: Engine, way: Way): Contestant {
  if (way === 'streams') {
    return streamsContestant(program, engine);
  }
  const samples = way === 'block' ? blockSamples : 1;
  const arrays = createStepArrays(program, samples);
  arrays.input.set(randomFloats(samples * features, 1, 7));
  const step = engine.bind(arrays);
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

function streamsContestant(program: StepProgram, engine: Engine): Contestant {
  const arrays = createStepArrays(program, streams, { streams });
  arrays.input.set(randomFloats(streams * features, 1, 7));
  const step = engine.bindMany(arrays);
  return {
    model: program.plan.name,
    engine: `${engine.name} ${engine.target}`,
    way: 'streams',
    weights: program.weights,
    samples: streams,
    run(calls) {
      for (let call = 0; call < calls; call += 1) {
        step(streams);
      }
    },
  };
}
