/**
 * Loads damaged models, case after case, and tells its parent before and after each. A case is a
 * number: with the same seed it is the same damage again.
 *
 * Arguments: seed, first case, number of cases, specimens by name (all where none is named).
 */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LstmdError } from '#src/base/errors.js';
import { programOf } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { loadModel } from '#src/model/load-model.js';
import { modes, type StreamPlan } from '#src/model/plan/stream-plan.js';
import { seededRandom } from '../../support/random.js';
import { corpus, type Specimen } from './corpus.js';
import { mutated } from './mutation.js';

export type Message =
  | { readonly kind: 'begin'; readonly number: number; readonly specimen: string }
  | { readonly kind: 'end'; readonly outcome: string; readonly peakRssBytes: number };

/** A plan that was made must run: a few samples, in each mode that it says is exact. */
function step(plan: StreamPlan): void {
  const count = 8;
  const input = Float32Array.from({ length: count * plan.features }, (_, i) => Math.sin(i));
  for (const mode of modes) {
    if (!plan.modes[mode].exact) {
      continue;
    }
    const program = programOf(plan, { mode });
    if (program.stateSize * program.outputSize > 2 ** 22) {
      continue;
    }
    const arrays = createStepArrays(program, count);
    arrays.input.set(input);
    createReferenceEngine(program).bind(arrays)(count);
  }
}

async function outcomeOf({ files, main }: Specimen, folder: string): Promise<string> {
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  try {
    step(await loadModel(join(folder, main)));
    return 'plan';
  } catch (error) {
    if (error instanceof LstmdError) {
      return error.code;
    }
    return `crash: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

const [seed = 1, first = 0, count = 0] = process.argv.slice(2, 5).map(Number);
const names = process.argv.slice(5);
const specimens = (await corpus()).filter(({ name }) => names.length === 0 || names.includes(name));
const tell = (message: Message) => process.send?.(message);

const folder = await mkdtemp(join(tmpdir(), 'lstmd-fuzz-'));
for (let number = first; number < first + count; number += 1) {
  const draw = seededRandom(seed * 1_000_003 + number);
  const specimen = specimens[number % specimens.length];
  const donor = specimens[Math.floor(draw() * specimens.length)];
  if (specimen === undefined || donor === undefined) {
    break;
  }
  tell({ kind: 'begin', number, specimen: specimen.name });
  const outcome = await outcomeOf(mutated(specimen, donor, draw), folder);
  tell({ kind: 'end', outcome, peakRssBytes: process.resourceUsage().maxRSS * 1024 });
}
await rm(folder, { recursive: true });
process.disconnect?.();
