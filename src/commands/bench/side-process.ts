import type { Engine } from '../../engine/program/engine.js';
import { createNativeEngine } from '../../engine/native/native-engine.js';
import { programOf } from '../../engine/program/program.js';
import { createStepArrays } from '../../engine/program/step-arrays.js';
import { createReferenceEngine } from '../../engine/reference/reference-engine.js';
import { loadTensorFlow } from '../../engine/tfjs/load-tensorflow.js';
import { tfjsEngineOn } from '../../engine/tfjs/tfjs-engine.js';
import { engineContestant, type Answering, type Contestant } from './contestant.js';
import { onnxContestant } from './onnx-peer.js';
import { measureInRounds } from './rounds.js';
import { reasonOf, type AbsentPeer } from './peers.js';
import type { Side, SideName } from './side-by-side.js';
import { features, randomFloats, seedModel } from './synthetic-plan.js';

// One side of the comparison, in a process of its own: its memory is then its own as well. Tells
// what it measured, or why it does not run here.

const samples = 1000;
const mebibyte = 2 ** 20;
const seed = seedModel(null);
const program = programOf(seed.plan, { mode: 'continuous' });

async function open(name: SideName): Promise<{ target: string; side: Contestant & Answering }> {
  switch (name) {
    case 'native':
      return ofEngine(createNativeEngine(program));
    case 'reference':
      return ofEngine(createReferenceEngine(program));
    case 'onnxruntime-node': {
      // A name that the compiler does not know: the package is not a dependency.
      const library: unknown = await import(name);
      return { target: 'cpu', side: await onnxContestant(seed, library) };
    }
    case '@tensorflow/tfjs-node':
    case '@tensorflow/tfjs':
      return ofEngine(tfjsEngineOn(await loadTensorFlow(import.meta.url, [name]), program));
  }
}

function ofEngine(engine: Engine): { target: string; side: Contestant & Answering } {
  const answers = (input: Float32Array): Float32Array => {
    const arrays = createStepArrays(program, samples);
    arrays.input.set(input);
    engine.bind(arrays)(samples);
    return arrays.output;
  };
  const side = { ...engineContestant(program, engine, 'single'), answers };
  return { target: engine.target, side };
}

async function measure(name: SideName, seconds: number): Promise<Side> {
  const rssBefore = process.memoryUsage.rss();
  const { target, side } = await open(name);
  const input = randomFloats(samples * features, 1, 11);
  // First, for the compiler to be warm: JavaScript takes longer than a round's own warm-up.
  const found = await side.answers(input);
  const [timing] = await measureInRounds([side], seconds);
  const rss = process.memoryUsage.rss();
  const expected = await ofEngine(createReferenceEngine(program)).side.answers(input);
  return {
    name,
    target,
    medianNs: timing?.medianNs ?? Number.NaN,
    p99Ns: timing?.p99Ns ?? Number.NaN,
    rssBeforeMiB: rssBefore / mebibyte,
    rssMiB: rss / mebibyte,
    largestDifference: expected.reduce(
      (most, value, n) => Math.max(most, Math.abs(value - (found[n] ?? Number.NaN))),
      0,
    ),
  };
}

const [, , name = '', seconds] = process.argv;
const report: Side | AbsentPeer = await measure(name as SideName, Number(seconds)).catch(
  (error: unknown) => ({ name, reason: reasonOf(error) }),
);
process.send?.(report);
process.disconnect();
