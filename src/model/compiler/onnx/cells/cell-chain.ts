import type { OnnxGraph } from '../../../source/onnx-source.js';
import type { FoundProduct, GraphView } from './graph-view.js';

/** A cell that is written out, as the operator that it is. */
export interface FoundCell {
  readonly operator: 'LSTM' | 'GRU';
  readonly ofSample: FoundProduct;
  readonly ofState: FoundProduct;
  /** For each gate of the operator its place in the weights. */
  readonly order: readonly number[];
  /** Values that the states begin with, and that they become, in the order of the operator. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A cell by itself, or the same cell at each step of a window, which a loop in Python was exported as. */
export interface CellChain {
  readonly cells: readonly [FoundCell, ...FoundCell[]];
  /** The window whose steps the loop goes over, and which of its axes is the time; null for a cell by itself. */
  readonly loop: { readonly of: string; readonly axis: number } | null;
}

/**
 * Puts cells of one window together: each begins with the states of the one before, has the same weights, and takes
 * the next step. The steps are all that the file says the input has, and no state between is used otherwise.
 */
export function chainsOf(
  view: GraphView,
  graph: OnnxGraph,
  found: readonly FoundCell[],
): CellChain[] {
  const chains: CellChain[] = [];
  const taken = new Set<FoundCell>();
  for (const cell of found) {
    if (taken.has(cell) || found.some((other) => follows(cell, other))) {
      continue;
    }
    const cells: [FoundCell, ...FoundCell[]] = [cell];
    for (let last: FoundCell | undefined = cell; last !== undefined;) {
      const before: FoundCell = last;
      last = found.find((other) => follows(other, before) && !cells.includes(other));
      if (last !== undefined) {
        cells.push(last);
      }
    }
    const loop = loopOf(view, graph, cells);
    if (cells.length > 1 && loop !== null) {
      chains.push({ cells, loop });
    } else {
      chains.push(...cells.map((one): CellChain => ({ cells: [one], loop: null })));
    }
    for (const one of cells) {
      taken.add(one);
    }
  }
  return chains;
}

function follows(cell: FoundCell, before: FoundCell): boolean {
  return (
    cell !== before &&
    cell.operator === before.operator &&
    cell.before.every((state, i) => state === before.after[i]) &&
    cell.ofSample.weight === before.ofSample.weight &&
    cell.ofState.weight === before.ofState.weight &&
    cell.ofSample.bias === before.ofSample.bias &&
    cell.ofState.bias === before.ofState.bias &&
    cell.order.every((place, i) => place === before.order[i])
  );
}

/** The window that the cells go over from its first step to its last; null where they do not. */
function loopOf(view: GraphView, graph: OnnxGraph, cells: readonly FoundCell[]): CellChain['loop'] {
  const steps = cells.map(({ ofSample }) => view.picked(ofSample.input));
  const [first] = steps;
  const input = graph.inputs.find(({ name }) => name === first?.of);
  const isWhole = first !== undefined && input?.shape?.[first.axis] === cells.length;
  const isInOrder = steps.every(
    (step, i) => step?.of === first?.of && step?.axis === first?.axis && step?.index === i,
  );
  const between = new Set(cells.slice(0, -1).flatMap(({ after }) => after));
  const isUsed =
    graph.outputs.some(({ name }) => between.has(name)) ||
    cells
      .slice(0, -1)
      .some((cell, i) => !view.isUsedBy(cell.after[0] ?? '', cells[i + 1]?.ofState.node));
  return first !== undefined &&
    isWhole &&
    isInOrder &&
    !isUsed &&
    (first.axis === 0 || first.axis === 1)
    ? { of: first.of, axis: first.axis }
    : null;
}
