import { LstmdError } from '../../../../base/errors.js';
import type { OnnxGraph } from '../../../source/onnx-source.js';
import { liveNodes } from '../live-nodes.js';
import { findLoop, type FoundLoop } from './found-loop.js';
import { checkNoneLeft } from './left-over.js';
import { RolledGraph } from './rolled-graph.js';
import { stepSources } from './step-sources.js';
import type { Term } from './term.js';
import { GraphTerms } from './terms.js';

/** Loops of one graph that are looked for: more is no model. */
const mostLoops = 64;

/**
 * Puts one node in the place of each loop over the steps of a window that an exporter wrote out turn by turn.
 *
 * @throws LstmdError `model.refused` with the name of a node for a loop that is not the same at each turn
 */
export function withoutWrittenLoops(given: OnnxGraph): OnnxGraph {
  let graph = given;
  for (let found = 0; found < mostLoops; found += 1) {
    const wanted = graph.outputs.map(({ name }) => name);
    const live = { ...graph, nodes: liveNodes(graph.nodes, wanted) };
    const terms = new GraphTerms(live);
    const loop = firstLoop(terms.terms);
    if (loop === undefined) {
      checkNoneLeft(terms.terms);
      return graph;
    }
    graph = new RolledGraph(live, terms, loop).build();
  }
  throw new LstmdError('model.refused', `it has more than ${mostLoops} loops that are written out`);
}

function firstLoop(terms: readonly Term[]): FoundLoop | undefined {
  const sources = stepSources(terms);
  for (const source of sources) {
    const alike = sources.filter(({ count }) => count === source.count);
    for (const group of alike.length === 1 ? [alike] : [alike, [source]]) {
      for (const isReverse of [false, true]) {
        const loop = findLoop(terms, group, isReverse);
        if (loop !== undefined) {
          return loop;
        }
      }
    }
  }
  return undefined;
}
