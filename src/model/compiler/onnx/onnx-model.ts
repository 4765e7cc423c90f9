import { LstmdError } from '../../../base/errors.js';
import { printableName, printableText } from '../../../base/printable-text.js';
import type { OnnxGraph, OnnxSource } from '../../source/onnx-source.js';
import type { CompilableModel } from '../compile-plan.js';
import { checkNodeCount, functionsByName } from './called-function.js';
import { NeedsWindow } from '../needs-window.js';
import { buildGraph } from './build-graph.js';
import { withoutFilledTensors } from './filled-tensors/filled-tensors.js';
import { checkGraph } from './graph-check.js';
import { graphInOrder } from './in-order.js';
import { withoutWrittenCells } from './cells/written-cells.js';
import { withScores } from './class-numbers.js';
import { findLayouts, type LayoutOptions } from './layout-search.js';
import { layoutText, type InputLayout } from './input-layout.js';
import { liveNodes } from './live-nodes.js';
import { withoutSequences } from './sequences.js';
import { graphInputs, openState, type GraphInputs } from './sensor-input.js';
import { StateFlows } from './state-flows.js';
import { mostInputs, namedOf, rivalsOf, stepStates } from './step-states.js';
import { withoutWrittenLoops } from './written-loops/rolled-loops.js';

/** The least version of the standard's operators whose recurrent ones are as they are today. */
const leastOpset = 7;

/** The newest version that is known, of onnx 1.23: what an operator of a later one computes nobody here has read. */
const mostOpset = 28;

/**
 * An ONNX model that can be compiled, more than once.
 *
 * @throws LstmdError `model.refused` for what is not computed exactly, `model.malformed` for what contradicts itself,
 *   `usage.invalid` for options that are not for this model
 */
export function onnxModel(file: OnnxSource, options: LayoutOptions): CompilableModel {
  checkNodeCount(file.graph.nodes, functionsByName(file.functions));
  const whole = withoutFilledTensors(graphInOrder(file.graph), file.opsets.get('') ?? 1);
  const { graph, classNodes } = withScores(
    withoutCells(withoutWrittenLoops(withoutSequences(whole)), options),
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
  if (opset > mostOpset) {
    throw new LstmdError(
      'model.refused',
      `it has operators of opset ${opset}, and those up to opset ${mostOpset} are known: export the model again with opset_version=17`,
    );
  }
  checkGraph(graph, nodes);
  const inputs = graphInputs(source.graph, options);
  const { layouts, fed, folded } = findLayouts(source, inputs, options);
  const isOneStep = layouts.every((layout) => layout.isOneStep);
  let needed: NeedsWindow | undefined;
  return {
    name: inputs.sensors.map(({ name }) => printableText(name)).join(', '),
    origin: originOf(source, inputs, layouts, folded),
    inputs: fed,
    constants: options.constants ?? {},
    areStatesSaid: inputs.stepStates.length > 0 && options.inputs !== undefined,
    ...(classNodes.size > 0 && {
      classOutputs: [...classNodes.keys()].map(({ outputs: [name = ''] }) => printableText(name)),
    }),
    inputAxes: options.inputAxes,
    build: (builder) => {
      if (isOneStep && builder.kind === 'window' && builder.window > 1) {
        throw seesNoWindow(fed[0]?.name ?? '', needed);
      }
      try {
        return buildGraph(source, inputs, layouts, fed, builder);
      } catch (fault) {
        needed = fault instanceof NeedsWindow ? fault : needed;
        throw fault;
      }
    },
    unreadWeights: () => [],
  };
}

/** The error for a model of one step that is to be computed over a window, with the node that no step is enough for. */
function seesNoWindow(input: string, needed: NeedsWindow | undefined): LstmdError {
  const why =
    needed === undefined
      ? `input "${input}"`
      : `node "${needed.layer.name}" (${needed.layer.className}): ${needed.reason}`;
  return new LstmdError(
    'model.refused',
    `${why}: the model takes one step at each call, so there is no window that it sees at once: export it for a window, (batch, time, features), without its states`,
  );
}

/** A graph with operators in the place of cells, but where what a cell gives is no state before more is done with it. */
function withoutCells(graph: OnnxGraph, { inputs = {} }: LayoutOptions): OnnxGraph {
  const { graph: ofCells, areGivenOut, cells } = withoutWrittenCells(graph);
  const given = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const fed = given.filter(({ name }) => Object.hasOwn(inputs, name));
  if (cells.length === 0) {
    return graph;
  }
  if (areGivenOut) {
    const states = cells.flatMap(({ before, after }) =>
      given.flatMap((input) => {
        const at = before.indexOf(input.name);
        return at < 0 ? [] : [{ input, output: after[at] ?? '' }];
      }),
    );
    const open = rivalsOf(graph, new StateFlows(graph, given.slice(0, mostInputs)), given, states);
    if (open !== undefined && fed.length === 0 && namedOf(open) === undefined) {
      throw openState(
        given.filter((input) => !states.some((state) => state.input === input)),
        open,
      );
    }
    if (open === undefined || fed.length > 0) {
      return ofCells;
    }
  }
  const reading = stepStates(graph, given, fed);
  return reading === undefined || reading.either !== undefined ? ofCells : graph;
}

function originOf(
  { producer, producerVersion, opsets }: OnnxSource,
  inputs: GraphInputs,
  layouts: readonly InputLayout[],
  folded: number,
): string {
  const exporter = printableText(`${producer} ${producerVersion}`).trim();
  const by = exporter === '' ? '' : ` by ${exporter}`;
  const constants = folded === 0 ? '' : `, ${folded} nodes folded`;
  const axes = new Set(layouts.map((layout) => `(${layoutText(layout)})`));
  const isOneStep = layouts.every((layout) => layout.isOneStep);
  const own = [
    ...inputs.states.map(({ name }) => `"${printableName(name)}"`),
    ...inputs.stepStates.map(
      ({ input, output }) =>
        `"${printableName(input.name)}" from output "${printableName(output)}"`,
    ),
  ];
  const carried = own.length === 0 ? '' : `, states ${own.join(', ')}`;
  const lanes = Math.max(...layouts.map(({ batch }) => batch));
  const batch = lanes > 1 ? `, one lane of its ${lanes}` : '';
  const steps = isOneStep ? ' of one step' : '';
  return `ONNX opset ${opsets.get('') ?? 1}${by}, input ${[...axes].join(' and ')}${steps}${batch}${carried}${constants}`;
}
