import type { ValueId } from '../../../plan/stream-plan.js';
import type { InitialStates } from '../../operations/cell.js';
import type { WindowArray } from '../../window-array.js';
import type { NodeContext } from '../node-context.js';
import { sliced, transposed } from '../values/gathered.js';
import { firstLane } from '../values/lanes.js';
import { plain, sizesOf, type Value } from '../values/value.js';
import type { OnnxCell } from './cells.js';
import { shapeText } from './operator.js';

/** Holds what a direction of a recurrent node begins with. */
export interface Beginning {
  /** Step by step: numbers that a reset goes to. */
  readonly states: InitialStates;
  /** Over a window: values, one for each of its roles; none for zeros. */
  readonly values: readonly ValueId[];
}

/** A direction of a recurrent node, and the numbers of its states after the last step. */
export interface DirectionSite {
  readonly index: number;
  readonly units: number;
  readonly isBatchFirst: boolean;
  readonly numbers: Int32Array;
  /** The floats of X. */
  readonly samples: WindowArray;
}

/**
 * Reads the states that a direction begins with. Those that the caller feeds back are noted, and begin with zeros.
 *
 * @throws NeedsWindow step by step for states that another node computes
 */
export function readBeginning(node: NodeContext, cell: OnnxCell, site: DirectionSite): Beginning {
  const { units, numbers } = site;
  const parts = cell.roles.map((_, k) => {
    const value = node.inputs[5 + k];
    return value && directionOf(node, value, site);
  });
  for (const [k, part] of parts.entries()) {
    if (part?.kind === 'constant' && !isZero(part)) {
      node.note(part, k === 0 ? 'initial_h' : 'initial_c');
    }
    if (part?.kind === 'state') {
      const isFree = node.terms.states.begin(
        part.ids,
        numbers.subarray(k * units, (k + 1) * units),
      );
      if (!isFree) {
        throw node.options.refused(
          'the state that it begins with is the beginning of another one as well',
        );
      }
    }
  }
  if (parts.every(isZero)) {
    return { states: {}, values: [] };
  }
  if (parts.some((part) => part?.kind === 'stream')) {
    node.requireWindow('it begins with states that another node computes from the whole window');
  }
  return node.isStep
    ? { states: numbersOf(node, cell, parts), values: [] }
    : { states: {}, values: valuesOf(node, units, parts, site.samples) };
}

/** The parts that are learned, by their roles. */
function numbersOf(
  node: NodeContext,
  cell: OnnxCell,
  parts: readonly (Value | undefined)[],
): InitialStates {
  const learned = parts.map((part) => learnedNumbers(node, part));
  return Object.fromEntries(
    cell.roles.flatMap((role, k) => (learned[k] === undefined ? [] : [[role, learned[k]]])),
  );
}

function valuesOf(
  node: NodeContext,
  units: number,
  parts: readonly (Value | undefined)[],
  like: WindowArray,
): ValueId[] {
  return parts.map((part) => {
    if (part?.kind === 'stream') {
      return node.math.asSteps(node.array(part), units);
    }
    const floats =
      part?.kind === 'constant' ? node.floats(part, 'initial state') : new Float32Array(units);
    return node.math.asSteps(node.math.constant(like, floats, [1, units]), units);
  });
}

/** The numbers that a state begins with; undefined for zeros, and for what is no constant. */
export function learnedNumbers(
  node: NodeContext,
  part: Value | undefined,
): Float32Array | undefined {
  return part?.kind === 'constant' && !isZero(part)
    ? node.floats(part, 'initial state')
    : undefined;
}

function isZero(part: Value | undefined): boolean {
  return (
    part === undefined ||
    part.kind === 'state' ||
    (part.kind === 'constant' && part.data.every((number: number) => number === 0))
  );
}

/** The part (1, 1, units) of a state (directions, batch, units) that one direction begins with. */
function directionOf(
  node: NodeContext,
  value: Value,
  { index, units, isBatchFirst }: DirectionSite,
): Value {
  const state = isBatchFirst ? transposed(node, value, [1, 0, 2]) : value;
  const sizes = sizesOf(state);
  if (sizes.length !== 3 || sizes[2] !== units || index >= (sizes[0] ?? 0)) {
    throw node.options.malformed(
      `a state that it begins with has shape ${shapeText(state)}, and its units are ${units}; an LSTM with proj_size is exported without its projection by some versions of PyTorch: export one without proj_size`,
    );
  }
  const own = sliced(node, state, 0, { from: index, step: 1, count: 1 }, plain(1));
  const lanes = sizesOf(own)[1] ?? 1;
  return own.kind === 'constant' && lanes > 1 ? firstLane(node, own, 1) : own;
}
