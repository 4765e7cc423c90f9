import { LstmdError } from '../../../base/errors.js';
import { printableText } from '../../../base/printable-text.js';
import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../../source/onnx-source.js';
import { outerNames } from './live-nodes.js';

/** The inputs of a graph: the sensor's, and the states that the caller would feed back. */
export interface GraphInputs {
  readonly sensor: OnnxValueInfo;
  readonly states: readonly OnnxValueInfo[];
}

/** Operators that only move floats, so that a state is still one behind them. */
const movers: ReadonlySet<string> = new Set([
  'Slice',
  'Gather',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Reshape',
  'Split',
  'Identity',
  'Cast',
  'Concat',
  'Flatten',
]);

const recurrentOperators: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'RNN']);

/**
 * Tells the sensor's input from states, by where they flow: a state reaches nothing but the initial states of
 * recurrent nodes.
 *
 * @throws LstmdError `model.refused` where there is not one that is the sensor's
 */
export function graphInputs(graph: OnnxGraph): GraphInputs {
  // Files of old exporters name every weight among the inputs too.
  const given = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const used = new Set(graph.nodes.flatMap((node) => [...node.inputs, ...outerNames(node)]));
  const live = given.filter(({ name }) => used.has(name));
  const states = live.filter(({ name }) => isState(graph.nodes, name));
  const sensors = live.filter((input) => !states.includes(input));
  const [sensor, ...others] = sensors;
  if (sensor === undefined) {
    throw new LstmdError('model.refused', 'the graph has no input that samples could be given to');
  }
  if (others.length > 0) {
    const names = sensors.map(({ name }) => `"${printableText(name)}"`).join(' and ');
    throw new LstmdError(
      'model.refused',
      `inputs ${names}: a stream feeds one, and none of these is a state that goes into an LSTM, GRU or RNN as it is; put the sensors into one tensor as features, and export the model so`,
    );
  }
  return { sensor, states };
}

/** Returns whether all that a value flows into are initial states. */
function isState(nodes: readonly OnnxNode[], name: string): boolean {
  const reached = new Set([name]);
  let isUsed = false;
  for (const node of nodes) {
    if (outerNames(node).some((outer) => reached.has(outer))) {
      return false;
    }
    for (const [i, input] of node.inputs.entries()) {
      if (!reached.has(input)) {
        continue;
      }
      if (isInitialState(node, i)) {
        isUsed = true;
        continue;
      }
      if (node.operator === 'Shape') {
        continue;
      }
      if (!movers.has(node.operator) || (i !== 0 && node.operator !== 'Concat')) {
        return false;
      }
      for (const output of node.outputs) {
        reached.add(output);
      }
    }
  }
  return isUsed;
}

/** Returns whether a recurrent node begins with what is its input at a position. */
function isInitialState({ operator, inputs, attributes }: OnnxNode, position: number): boolean {
  const count = (key: string, otherwise: number): number => {
    const attribute = attributes.get(key);
    return attribute?.kind === 'int' ? attribute.value : otherwise;
  };
  switch (operator) {
    case 'Scan':
      return position < inputs.length - count('num_scan_inputs', inputs.length);
    case 'WrittenLoop':
      return position < count('states', 0);
    case 'Loop':
      return position >= 2;
    default:
      return recurrentOperators.has(operator) && (position === 5 || position === 6);
  }
}
