import { LstmdError } from '../../../../base/errors.js';
import { printableName } from '../../../../base/printable-text.js';
import { numberOf } from '../attribute-number.js';
import { wholesOf } from './attribute-numbers.js';
import type { Term } from './term.js';

/** Operators that weigh what they take with numbers of the file. */
const weighing: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Mul', 'Conv']);

/** Steps that a loop takes one after the other: less is told from other arithmetic by nothing. */
const leastTurns = 3;

/** A part of an axis of another term, by the index that it begins with. */
interface Part {
  readonly of: string;
  readonly begins: number;
}

/**
 * Checks that no loop is left: the same weights on what they themselves gave of the steps before. As a net without a state it
 * would be right for one window, and for no stream.
 *
 * @throws LstmdError `model.refused` with the names of the first nodes
 */
export function checkNoneLeft(terms: readonly Term[]): void {
  const parts = terms.map(partOf);
  const begins = new Map<string, Set<number>>();
  for (const part of parts) {
    if (part !== undefined) {
      begins.set(part.of, (begins.get(part.of) ?? new Set()).add(part.begins));
    }
  }
  const taken = parts.map((part) =>
    (begins.get(part?.of ?? '')?.size ?? 0) > 2 ? part : undefined,
  );
  for (const sign of [1, -1]) {
    const turns = turnsOf(terms, taken, sign);
    for (const weight of weightsOf(terms)) {
      checkWeight(terms, turns, weight);
    }
  }
}

/** For each term the latest part that it hangs on, counted forwards or backwards. */
function turnsOf(
  terms: readonly Term[],
  parts: readonly (Part | undefined)[],
  sign: number,
): Float64Array {
  const turns = new Float64Array(terms.length).fill(-Infinity);
  for (const { id, from } of terms) {
    const behind = (from?.inputs ?? []).map((input) => turns[input?.id ?? -1] ?? -Infinity);
    const part = parts[id];
    const own = part === undefined ? -Infinity : sign * part.begins;
    turns[id] = Math.max(own, ...behind);
  }
  return turns;
}

/** Weights that more than one node takes. */
function weightsOf(terms: readonly Term[]): Term[] {
  const uses = new Map<Term, number>();
  for (const { from } of terms) {
    if (from !== null && weighing.has(from.node.operator)) {
      for (const input of from.inputs) {
        if (input !== null && isNumbers(input)) {
          uses.set(input, (uses.get(input) ?? 0) + 1);
        }
      }
    }
  }
  return [...uses].flatMap(([weight, count]) => (count > 2 ? [weight] : []));
}

function isNumbers({ tensor }: Term): boolean {
  return tensor !== null && tensor.type !== 'int64' && tensor.type !== 'int32';
}

function checkWeight(terms: readonly Term[], turns: Float64Array, weight: Term): void {
  // For each term the last node before it that takes the weight, of those that each take later steps.
  const chains = new Map<Term, { readonly node: Term; readonly length: number }>();
  for (const term of terms) {
    const inputs = (term.from?.inputs ?? []).filter((input) => input !== null);
    const behind = inputs
      .flatMap((input) => chains.get(input) ?? [])
      .reduce((a, b) => (b.length > a.length ? b : a), { node: term, length: 0 });
    const isWeighed = weighing.has(term.from?.node.operator ?? '') && inputs.includes(weight);
    const isLater =
      behind.length === 0 || (turns[term.id] ?? -Infinity) > (turns[behind.node.id] ?? -Infinity);
    const own = isWeighed && isLater ? { node: term, length: behind.length + 1 } : behind;
    if (own.length === leastTurns) {
      throw new LstmdError(
        'model.refused',
        `node "${nameOf(term)}" (${term.from?.node.operator ?? ''}): it takes the weights that node "${nameOf(behind.node)}" took, and what that gave of the steps before: a loop over the window that the exporter wrote out, which is not the same at each of its steps, so that it cannot be told from other arithmetic: export nn.LSTM, nn.GRU or nn.RNN with dynamo=False, or one step of the module with its states as inputs and outputs; of a Keras model give the .keras file`,
      );
    }
    if (own.length > 0) {
      chains.set(term, own);
    }
  }
}

function nameOf({ from, name }: Term): string {
  const own = from?.node.name ?? '';
  return printableName(own === '' ? name : own);
}

function partOf({ from, pick, output }: Term): Part | undefined {
  if (pick !== null) {
    return { of: `${pick.of.id} ${pick.axis}`, begins: fromFirst(pick.index) };
  }
  const [of] = from?.inputs ?? [];
  if (from === null || of === null || of === undefined || of.tensor !== null) {
    return undefined;
  }
  switch (from.node.operator) {
    case 'Gather': {
      const index = from.inputs[1]?.tensor?.data?.[0];
      const axis = numberOf(from.node, 'axis') ?? 0;
      return index === undefined ? undefined : { of: `${of.id} ${axis}`, begins: fromFirst(index) };
    }
    case 'Slice': {
      const start = wholesOf(from, 'starts', 1)?.[0];
      const axis = wholesOf(from, 'axes', 3)?.[0] ?? 0;
      return start === undefined ? undefined : { of: `${of.id} ${axis}`, begins: fromFirst(start) };
    }
    case 'Split':
      return { of: `${of.id} ${numberOf(from.node, 'axis') ?? 0}`, begins: output };
    default:
      return undefined;
  }
}

/** An index of an axis of any length, in the order of its steps: those from the end are behind all others. */
function fromFirst(index: number): number {
  return index < 0 ? 2 ** 40 + index : index;
}
