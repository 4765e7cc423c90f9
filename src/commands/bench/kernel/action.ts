import { loadAddon } from '../../../platform/addon.js';
import { createNativeEngine, requireSimdTarget } from '../../../engine/native/native-engine.js';
import { programOf } from '../../../engine/program/program.js';
import { weightFormats, type WeightFormat } from '../../../engine/program/weight-format.js';
import { createReferenceEngine } from '../../../engine/reference/reference-engine.js';
import { machineText, thisMachine, type Machine } from '../measure/machine.js';
import { engineContestant, slidingWindow, streams, type Contestant } from './contestant.js';
import { kernelTable, measureKernels, type KernelResult } from './measured-results.js';
import { layerPlan, seedModel } from './seed-model.js';

export interface BenchKernelOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

const layerUnits = [16, 32, 64, 128, 256, 512];
const layerWays = ['single', 'block', 'streams'] as const;
/** From so many units up, how large matrices are kept makes a difference. */
const largeUnits = 256;

interface Report {
  readonly machine: Machine & {
    /** The fastest first. */
    readonly targets: readonly string[];
  };
  readonly results: readonly KernelResult[];
}

/**
 * Prints what a step costs on every SIMD target and in the reference engine.
 *
 * @throws LstmdError `engine.unavailable` without the addon, `config.invalid` when `LSTMD_SIMD` names no target
 */
export async function benchKernel(options: BenchKernelOptions): Promise<void> {
  const targets = loadAddon().simdTargets();
  requireSimdTarget();
  const report: Report = {
    machine: { ...thisMachine(), targets },
    results: await measureKernels(engineContestants(targets), options.seconds),
  };
  process.stdout.write(
    options.json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report),
  );
}

/** The first of each model steps single samples on the fastest target. */
function engineContestants(targets: readonly string[]): Contestant[] {
  const { plan } = seedModel(null);
  const seed = programOf(plan, { mode: 'continuous' });
  const sliding = programOf(seedModel(slidingWindow).plan, { mode: 'sliding' });
  const programs = [
    { program: seed, ways: ['single', 'block', 'streams'] },
    { program: sliding, ways: ['sliding'] },
  ] as const;
  const layers = layerUnits.flatMap((units) =>
    formatsOf(units).map((weights) => ({
      program: programOf(layerPlan(units), { mode: 'continuous', weights }),
      ways: weights === 'f32' ? layerWays : layerWays.slice(0, 2),
    })),
  );
  return [
    ...[...programs, ...layers].flatMap(({ program, ways }) =>
      targets.flatMap((target) =>
        ways.map((way) => engineContestant(program, createNativeEngine(program, { target }), way)),
      ),
    ),
    ...programs.flatMap(({ program, ways }) =>
      ways.map((way) => engineContestant(program, createReferenceEngine(program), way)),
    ),
  ];
}

/** The weights of a small layer are in the nearest cache in any format. */
function formatsOf(units: number): readonly WeightFormat[] {
  return units < largeUnits ? ['f32'] : weightFormats;
}

function reportText({ machine, results }: Report): string {
  const lines = [
    `${machineText(machine)}, SIMD targets ${machine.targets.join(', ')}`,
    '',
    ...kernelTable(results),
    '',
    'ratio: to single samples of the same model on the fastest target. block: 64 samples a call.',
    `sliding: the last ${slidingWindow} samples anew at every sample. streams: one sample of each of ${streams} a call.`,
    'cold: caches swept before the call.',
  ];
  return `${lines.join('\n')}\n`;
}
