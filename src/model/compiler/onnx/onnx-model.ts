import { LstmdError } from '../../../base/errors.js';
import { printableText } from '../../../base/printable-text.js';
import type { OnnxSource } from '../../source/onnx-source.js';
import type { BuiltGraph, CompilableModel } from '../compile-plan.js';
import type { PlanBuilder } from '../plan-builder.js';
import { WindowBuilder } from '../window-builder.js';
import { buildGraph } from './build-graph.js';
import { AxisConflict } from './axis-conflict.js';
import { layoutText, possibleLayouts, type InputLayout } from './input-layout.js';
import { graphInputs, type GraphInputs } from './sensor-input.js';

/** The least version of the standard's operators whose recurrent ones are as they are today. */
const leastOpset = 7;

/** Steps of the window with which a layout is tried where the file says none: a prime, which no size happens to be. */
const trialSteps = 31;

/**
 * An ONNX model that can be compiled, more than once.
 *
 * @throws LstmdError `model.refused` for what is not computed exactly, `model.malformed` for what contradicts itself
 */
export function onnxModel(source: OnnxSource): CompilableModel {
  const opset = source.opsets.get('') ?? 1;
  if (opset < leastOpset) {
    throw new LstmdError(
      'model.refused',
      `it has operators of opset ${opset}, which are other ones than those since opset ${leastOpset}: export the model again with opset_version=17`,
    );
  }
  const inputs = graphInputs(source.graph);
  const layout = findLayout(source, inputs);
  return {
    name: printableText(inputs.sensor.name),
    origin: originOf(source, layout),
    build: (builder) => buildGraph(source, inputs, layout, builder),
    unreadWeights: () => [],
  };
}

function originOf({ producer, producerVersion, opsets }: OnnxSource, layout: InputLayout): string {
  const exporter = printableText(`${producer} ${producerVersion}`).trim();
  const by = exporter === '' ? '' : ` by ${exporter}`;
  return `ONNX opset ${opsets.get('') ?? 1}${by}, input (${layoutText(layout)})`;
}

/**
 * Finds what the axes of the input are: those with which every operator that has a time axis of its own gets it.
 *
 * @throws LstmdError `model.refused` where none fits, or nothing in the graph tells
 */
function findLayout(source: OnnxSource, inputs: GraphInputs): InputLayout {
  const faults: LstmdError[] = [];
  for (const layout of possibleLayouts(inputs.sensor, source.graph)) {
    const builder: PlanBuilder = new WindowBuilder(
      layout.isOneStep ? 1 : (layout.steps ?? trialSteps),
    );
    try {
      const { anchors } = tried(source, inputs, layout, builder);
      if (anchors > 0) {
        return layout;
      }
    } catch (fault) {
      if (!(fault instanceof LstmdError)) {
        throw fault;
      }
      faults.push(fault);
    }
  }
  const plain = faults.find((fault) => !(fault instanceof AxisConflict)) ?? faults[0];
  if (plain !== undefined) {
    throw plain;
  }
  throw new LstmdError(
    'model.refused',
    `input "${printableText(inputs.sensor.name)}": nothing in the graph tells which of its axes is the time: there is no LSTM, GRU, RNN or convolution that its samples reach step by step`,
  );
}

function tried(
  source: OnnxSource,
  inputs: GraphInputs,
  layout: InputLayout,
  builder: PlanBuilder,
): { readonly anchors: number; readonly graph: BuiltGraph } {
  let anchors = 0;
  const graph = buildGraph(source, inputs, layout, builder, () => {
    anchors += 1;
  });
  return { anchors, graph };
}
