import { arch, cpus } from 'node:os';
import { loadAddon } from '../../platform/addon.js';
import { createNativeEngine } from '../../engine/native/native-engine.js';
import { programOf } from '../../engine/program/program.js';
import { weightFormats, type WeightFormat } from '../../engine/program/weight-format.js';
import { createReferenceEngine } from '../../engine/reference/reference-engine.js';
import { table } from '../terminal/table.js';
import {
  engineContestant,
  slidingWindow,
  streams,
  type Contestant,
  type Way,
} from './contestant.js';
import { loadPeers, type AbsentPeer } from './peers.js';
import { measureInRounds, type Timing } from './rounds.js';
import { measureSides, sideNames, type Side } from './side-by-side.js';
import { layerPlan, seedModel } from './synthetic-plan.js';

export interface BenchKernelOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

/** Of the time, for each that is measured in a process of its own. */
const sideShare = 0.04;
const layerUnits = [16, 32, 64, 128, 256, 512];
const layerWays = ['single', 'block', 'streams'] as const;

/** One line of the table. */
interface Result extends Timing {
  readonly model: string;
  readonly engine: string;
  readonly way: Way;
  readonly weights: WeightFormat;
  /** Its median over that of the best target's single samples of the same model. */
  readonly ratio: number;
}

interface Report {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly arch: string;
    readonly node: string;
    /** Best first. */
    readonly targets: readonly string[];
  };
  readonly results: readonly Result[];
  /** The engines and libraries on the seed model, each in a process of its own. */
  readonly sides: readonly (Side | AbsentPeer)[];
  /** Other libraries that do not run here, and why. */
  readonly absent: readonly AbsentPeer[];
}

/**
 * Prints what a step costs on every SIMD target, in the reference, and in other libraries.
 *
 * @throws LstmdError `engine.unavailable` without the addon
 */
export async function benchKernel(options: BenchKernelOptions): Promise<void> {
  const targets = loadAddon().simdTargets();
  const sides = await measureSides(options.seconds * sideShare);
  const peers = await loadPeers();
  const contestants = [...ours(targets), ...peers.contestants];
  const timings = await measureInRounds(
    contestants,
    options.seconds * (1 - sideShare * sideNames.length),
  );
  const report: Report = {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      arch: arch(),
      node: process.version,
      targets,
    },
    results: withRatios(contestants, timings),
    sides,
    absent: peers.absent,
  };
  process.stdout.write(
    options.json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report),
  );
}

function ours(targets: readonly string[]): Contestant[] {
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

/** Of small layers the weights are in the nearest cache, in any format. */
function formatsOf(units: number): readonly WeightFormat[] {
  return units < 256 ? ['f32'] : weightFormats;
}

/** The first single-sample contestant of a model is that on the best target. */
function withRatios(contestants: readonly Contestant[], timings: readonly Timing[]): Result[] {
  const bases = new Map<string, number>();
  return contestants.map(({ model, engine, way, weights }, index) => {
    const timing = timings[index];
    if (timing === undefined) {
      throw new RangeError(`${model} was not measured`);
    }
    if (!bases.has(model)) {
      bases.set(model, timing.medianNs);
    }
    const ratio = timing.medianNs / (bases.get(model) ?? Number.NaN);
    return { model, engine, way, weights, ...timing, ratio };
  });
}

function reportText({ machine, results, sides, absent }: Report): string {
  const { cpu, cores, arch: architecture, node, targets } = machine;
  const rows = results.map(({ model, engine, way, weights, medianNs, p99Ns, coldNs, ratio }) => [
    model,
    engine,
    way,
    weights,
    medianNs.toFixed(0).padStart(9),
    p99Ns.toFixed(0).padStart(9),
    coldNs.toFixed(0).padStart(9),
    ratio.toFixed(2).padStart(7),
  ]);
  const head = [
    'model',
    'engine',
    'way',
    'weights',
    'ns/sample',
    '      p99',
    '     cold',
    '  ratio',
  ];
  const lines = [
    `${cpu}, ${cores} cores, ${architecture}, Node ${node}, SIMD targets ${targets.join(', ')}`,
    '',
    ...table([head, ...rows]),
    '',
    'ratio: to single samples of the same model on the best target. block: 64 samples a call.',
    `sliding: the last ${slidingWindow} samples anew at every sample. streams: one sample of each of ${streams} a call.`,
    'cold: caches swept before the call.',
    ...absent.map(({ name, reason }) => `${name}: not measured: ${reason}`),
    '',
    ...sidesText(sides),
  ];
  return `${lines.join('\n')}\n`;
}

function sidesText(sides: Report['sides']): string[] {
  const head = ['seed model', 'on', 'ns/sample', '      p99', 'RSS MiB', 'difference'];
  const rows = sides.map((side) =>
    'reason' in side
      ? [side.name, 'not measured', '', '', '', '']
      : [
          side.name,
          side.target,
          side.medianNs.toFixed(0).padStart(9),
          side.p99Ns.toFixed(0).padStart(9),
          `${side.rssBeforeMiB.toFixed(0)} -> ${side.rssMiB.toFixed(0)}`,
          side.largestDifference.toExponential(1),
        ],
  );
  return [
    ...table([head, ...rows]),
    '',
    'Single samples, each in a process of its own; RSS before loading it and after measuring.',
    'difference: the largest from the reference, over 1000 samples.',
    ...sides.flatMap((side) => ('reason' in side ? [`${side.name}: ${side.reason}`] : [])),
  ];
}
