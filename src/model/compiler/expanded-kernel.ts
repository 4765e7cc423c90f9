import { product } from './shape.js';
import type { Taps } from './taps.js';

/** A convolution's kernel as the matrix that multiplies all of its inputs at once. */
export interface ExpandedKernel {
  readonly taps: Taps;
  /** Positions of the input. */
  readonly positions: number;
  /** Floats at each position. */
  readonly inputs: number;
  /** (taps, inputs, gates x filters). */
  readonly kernel: Float32Array;
  readonly filters: number;
  /** Parts of the filters, which stay apart in the matrix; 1 for a convolution. */
  readonly gates: number;
}

/** Floats of the matrix. */
export function expandedSize({
  taps,
  positions,
  inputs,
  filters,
  gates,
}: Omit<ExpandedKernel, 'kernel'>): number {
  return positions * inputs * gates * product(taps.shape) * filters;
}

/** @returns (positions x inputs, gates x outputs x filters), with zeros where an output does not look */
export function expandKernel(expanded: ExpandedKernel): Float32Array {
  const { taps, inputs, kernel, filters, gates } = expanded;
  const units = product(taps.shape) * filters;
  const width = gates * units;
  const matrix = new Float32Array(expandedSize(expanded));
  for (const [i, position] of taps.positions.entries()) {
    if (position < 0) {
      continue;
    }
    const output = Math.floor(i / taps.count);
    const tap = i % taps.count;
    for (let input = 0; input < inputs; input += 1) {
      const from = (tap * inputs + input) * gates * filters;
      const row = (position * inputs + input) * width + output * filters;
      for (let gate = 0; gate < gates; gate += 1) {
        matrix.set(
          kernel.subarray(from + gate * filters, from + (gate + 1) * filters),
          row + gate * units,
        );
      }
    }
  }
  return matrix;
}
