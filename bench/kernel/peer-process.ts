import type { Engine } from '#src/engine/program/engine.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { programOf } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { loadTensorFlow } from '#src/engine/tfjs/load-tensorflow.js';
import { tfjsEngineOn } from '#src/engine/tfjs/tfjs-engine.js';
import { engineContestant, type Contestant } from '#src/commands/bench/kernel/contestant.js';
import { seedModel } from '#src/commands/bench/kernel/seed-model.js';
import { measureInRounds } from '#src/commands/bench/measure/rounds.js';
import { checkedInput, largestDifference, outputsOf } from './checked-outputs.js';
import { onnxContestant } from './onnx-peer.js';
import type { ProcessName } from './own-process.js';
import type { AbsentPeer, Predicting, ProcessResult } from './peer.js';
import { reasonOf } from './peers.js';

// Measures one engine or library in a process of its own, so that its memory is its own as well, and
// tells the parent the result, or why it does not run here.

const mebibyte = 2 ** 20;
const seed = seedModel(null);
const program = programOf(seed.plan, { mode: 'continuous' });

interface Opened {
  readonly target: string;
  readonly contestant: Contestant & Predicting;
}

async function open(name: ProcessName): Promise<Opened> {
  switch (name) {
    case 'native':
      return openEngine(createNativeEngine(program));
    case 'reference':
      return openEngine(createReferenceEngine(program));
    case 'onnxruntime-node': {
      // The package is not a dependency, so the compiler must not resolve its name.
      const library: unknown = await import(name);
      return { target: 'cpu', contestant: await onnxContestant(seed, library) };
    }
    case '@tensorflow/tfjs-node':
    case '@tensorflow/tfjs':
      return openEngine(tfjsEngineOn(await loadTensorFlow(import.meta.url, [name]), program));
  }
}

function openEngine(engine: Engine): Opened {
  const predict = (input: Float32Array): Float32Array => outputsOf(engine, program, input);
  const contestant = { ...engineContestant(program, engine, 'single'), predict };
  return { target: engine.target, contestant };
}

async function measure(name: ProcessName, seconds: number): Promise<ProcessResult> {
  const rssBefore = process.memoryUsage.rss();
  const { target, contestant } = await open(name);
  const input = checkedInput();
  // Predicting first warms up Node's compiler, for which the warm-up of a round is too short.
  const found = await contestant.predict(input);
  const [timing] = await measureInRounds([contestant], seconds);
  const rss = process.memoryUsage.rss();
  return {
    name,
    target,
    medianNs: timing?.medianNs ?? Number.NaN,
    p99Ns: timing?.p99Ns ?? Number.NaN,
    rssBeforeMiB: rssBefore / mebibyte,
    rssMiB: rss / mebibyte,
    largestDifference: largestDifference(found, program, input),
  };
}

const [, , name = '', seconds] = process.argv;
const report: ProcessResult | AbsentPeer = await measure(
  name as ProcessName,
  Number(seconds),
).catch((error: unknown) => ({ name, reason: reasonOf(error) }));
process.send?.(report);
process.disconnect();
