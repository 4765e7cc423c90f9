import { LstmdError } from '../../../base/errors.js';
import { printableText } from '../../../base/printable-text.js';
import type { OnnxSource } from '../../source/onnx-source.js';
import type { CompilableModel } from '../compile-plan.js';
import type { PlanBuilder } from '../plan-builder.js';
import { WindowBuilder } from '../window-builder.js';
import { buildGraph } from './build-graph.js';
import { AxisConflict } from './axis-conflict.js';
import { withoutWrittenCells } from './cells/written-cells.js';
import { withScores, type ClassNodes } from './class-numbers.js';
import { layoutText, possibleLayouts, type InputLayout } from './input-layout.js';
import { liveNodes } from './live-nodes.js';
import { graphInputs, type GraphInputs } from './sensor-input.js';
import { withoutWrittenLoops } from './written-loops/rolled-loops.js';

/** The least version of the standard's operators whose recurrent ones are as they are today. */
const leastOpset = 7;

/** Steps of the window with which a layout is tried where the file says none: a prime, which no size happens to be. */
const trialSteps = 31;

type ScoredSource = OnnxSource & { readonly classNodes: ClassNodes };

/**
 * An ONNX model that can be compiled, more than once.
 *
 * @throws LstmdError `model.refused` for what is not computed exactly, `model.malformed` for what contradicts itself
 */
export function onnxModel(file: OnnxSource): CompilableModel {
  const { graph, classNodes } = withScores(
    withoutWrittenCells(withoutWrittenLoops(file.graph)).graph,
  );
  const wanted = graph.outputs.map((output) => output.name);
  const nodes = liveNodes(graph.nodes, wanted);
  const source = { ...file, classNodes, graph: { ...graph, nodes } };
  const opset = source.opsets.get('') ?? 1;
  if (opset < leastOpset) {
    throw new LstmdError(
      'model.refused',
      `it has operators of opset ${opset}, which are other ones than those since opset ${leastOpset}: export the model again with opset_version=17`,
    );
  }
  const inputs = graphInputs(source.graph);
  const { layout, folded } = findLayout(source, inputs);
  return {
    name: printableText(inputs.sensor.name),
    origin: originOf(source, layout, folded),
    build: (builder) => buildGraph(source, inputs, layout, builder),
    unreadWeights: () => [],
  };
}

function originOf(
  { producer, producerVersion, opsets }: OnnxSource,
  layout: InputLayout,
  folded: number,
): string {
  const exporter = printableText(`${producer} ${producerVersion}`).trim();
  const by = exporter === '' ? '' : ` by ${exporter}`;
  const constants = folded === 0 ? '' : `, ${folded} nodes folded`;
  return `ONNX opset ${opsets.get('') ?? 1}${by}, input (${layoutText(layout)})${constants}`;
}

/**
 * Finds what the axes of the input are: those with which every operator that has a time axis of its own gets it. Where
 * there is none, the file's own name of the axis tells.
 *
 * @throws LstmdError `model.refused` where none fits, or nothing in the graph tells
 */
function findLayout(
  source: ScoredSource,
  inputs: GraphInputs,
): { readonly layout: InputLayout; readonly folded: number } {
  const layouts = possibleLayouts(inputs.sensor, source.graph);
  const faults: LstmdError[] = [];
  const named = hasAnchor(source) ? undefined : layouts.find(({ isTimeNamed }) => isTimeNamed);
  for (const layout of layouts) {
    const builder: PlanBuilder = new WindowBuilder(
      layout.isOneStep ? 1 : (layout.steps ?? trialSteps),
    );
    try {
      const { anchors, graph } = tried(source, inputs, layout, builder);
      if (anchors > 0 || (named !== undefined && layout.isTimeNamed)) {
        return { layout, folded: graph.folded };
      }
    } catch (fault) {
      if (!(fault instanceof LstmdError)) {
        throw fault;
      }
      faults.push(fault);
    }
  }
  if (named !== undefined) {
    // Its weights may be for one window, which is not the one that was tried: the window that is asked for tells.
    return { layout: named, folded: 0 };
  }
  const name = printableText(inputs.sensor.name);
  if (!hasAnchor(source)) {
    throw new LstmdError('model.refused', `input "${name}": ${noAnchor}`);
  }
  const plain = faults.find((fault) => !(fault instanceof AxisConflict)) ?? faults[0];
  if (plain !== undefined) {
    throw plain;
  }
  throw new LstmdError(
    'model.refused',
    `input "${name}": nothing in the graph tells which of its axes is the time: no LSTM, GRU, RNN or convolution gets its samples step by step`,
  );
}

/** Operators with a time axis of their own. */
const anchorOperators: ReadonlySet<string> = new Set([
  'LSTM',
  'GRU',
  'RNN',
  'Conv',
  'ConvTranspose',
  'MaxPool',
  'AveragePool',
  'Loop',
  'Scan',
  'WrittenLoop',
]);

function hasAnchor({ graph, functions }: OnnxSource): boolean {
  return [graph, ...functions].some(({ nodes }) =>
    nodes.some(
      ({ operator, domain }) => domain !== '' || anchorOperators.has(operator) || operator === 'If',
    ),
  );
}

/** Why nothing tells the axes, and the way out. */
const noAnchor =
  'the graph has no LSTM, GRU, RNN or convolution, so that nothing tells which of its axes is the time: give that axis the name "time" and export it again, torch.onnx.export(..., dynamic_axes={"x": {0: "batch", 1: "time"}}), and say its window (model.window, --window)';

function tried(
  source: ScoredSource,
  inputs: GraphInputs,
  layout: InputLayout,
  builder: PlanBuilder,
): { readonly anchors: number; readonly graph: ReturnType<typeof buildGraph> } {
  let anchors = 0;
  const graph = buildGraph(source, inputs, layout, builder, () => {
    anchors += 1;
  });
  return { anchors, graph };
}
