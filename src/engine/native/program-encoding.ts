import type { Mode, ModelOutput } from '../../model/plan/stream-plan.js';
import type { StepProgram } from '../program/program.js';
import { weightFormats } from '../program/weight-format.js';
import { OperationEncoder } from './operation-encoding.js';
import { none, WeightList } from './weight-list.js';

/**
 * A step program as numbers, as docs/formats/program-words.md describes them: what
 * `native/kernel/format/parse.cpp` reads.
 */
export interface EncodedProgram {
  readonly words: Int32Array;
  /** The plan's own tensors, and parameters. */
  readonly weights: readonly Float32Array[];
}

/** The first word of a program: "LSTM". */
export const magic = 0x4c53544d;
/** The version of the format; any other is refused. */
export const version = 5;
export const modeCodes = {
  continuous: 0,
  sequence: 1,
  sliding: 2,
} as const satisfies Readonly<Record<Mode, number>>;

/** Writes a program as the native kernel reads it. */
export function encodeProgram(program: StepProgram): EncodedProgram {
  const { plan, wholeWindow } = program;
  const header = [magic, version, modeCodes[program.mode], wholeWindow ? 1 : 0, program.window];
  header.push(program.stride, program.lanes, program.warmupSamples, plan.features);
  const format = weightFormats.indexOf(program.weights);
  const weights = new WeightList();
  let words: number[][];
  if (wholeWindow && plan.windowPlan !== null) {
    const { values, ops, outputs, scratchSize } = plan.windowPlan;
    const sizes = values.map(({ size }) => size);
    const encoder = new OperationEncoder(weights, sizes);
    words = [
      [values.length, ops.length, outputs.length, scratchSize, format],
      values.flatMap(({ steps, size }) => [steps, size]),
      [...outputs],
      ...ops.map((op) => encoder.windowOp(op)),
    ];
  } else {
    const { valueSizes, ops, outputs, laneStateSize } = plan;
    const encoder = new OperationEncoder(weights, valueSizes);
    words = [
      [valueSizes.length, ops.length, outputs.length, laneStateSize, format],
      [...valueSizes],
      outputs.flatMap(encodeOutput),
      ...ops.map((op) => encoder.stepOp(op)),
    ];
  }
  return { words: Int32Array.from([...header, ...words.flat()]), weights: weights.parts() };
}

function encodeOutput({ value, heldOffset, holdsOffset }: ModelOutput): number[] {
  return heldOffset === null || holdsOffset === null
    ? [value, none]
    : [value, heldOffset, holdsOffset];
}
