import { LstmdError } from '../../../base/errors.js';
import { printableName, printableText } from '../../../base/printable-text.js';
import type { InputOptions } from '../../plan/input-options.js';
import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../../source/onnx-source.js';
import { findInput, type NamedInput } from '../fed-inputs.js';
import { numberOf } from './attribute-number.js';
import { givenConstant } from './given-constant.js';
import { sizesText } from './declared-shape.js';
import { outerNames } from './live-nodes.js';
import { recurrentOperators } from './operators/recurrent.js';
import { movers } from './state-flows.js';
import { stepStates, type OpenState, type StepState } from './step-states.js';
import type { Constant } from './values/value.js';

/** The inputs of a graph: the sensor's, those that are the same at all times, and states that the caller would feed back. */
export interface GraphInputs {
  /** At least one; several where the options say which features flow into each. */
  readonly sensors: readonly OnnxValueInfo[];
  readonly states: readonly OnnxValueInfo[];
  /** States of a step that is written out in other operators. */
  readonly stepStates: readonly StepState[];
  /** The numbers of each input that `constants` names. */
  readonly constants: ReadonlyMap<string, Constant>;
}

/**
 * Tells the sensor's inputs from states, by where they flow: a state reaches nothing but the initial states of
 * recurrent nodes. An input that the options give numbers for is a constant.
 *
 * @throws LstmdError `model.refused` where there is not one that is the sensor's, and the options do not tell;
 *   `usage.invalid` for options that are not for this model
 */
export function graphInputs(
  graph: OnnxGraph,
  { inputs, constants = {} }: InputOptions,
): GraphInputs {
  // Files of old exporters name every weight among the inputs too.
  const given = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const used = new Set(graph.nodes.flatMap((node) => [...node.inputs, ...outerNames(node)]));
  const live = given.filter(({ name }) => used.has(name));
  const isFed = ({ name }: OnnxValueInfo): boolean => Object.hasOwn(inputs ?? {}, name);
  const states = live.filter((input) => !isFed(input) && isState(graph.nodes, input.name));
  const others = live.filter((input) => !states.includes(input));
  const fixed = Object.entries(constants).map(([name, numbers]) => {
    const { info } = findInput('constants', live.filter((input) => !isFed(input)).map(named), name);
    return [info, numbers] as const;
  });
  const isFixed = (input: OnnxValueInfo): boolean => fixed.some(([info]) => info === input);
  const free = others.filter((input) => !isFixed(input));
  const fed = free.filter(isFed);
  const step =
    free.length > 1 && fed.length < free.length ? stepStates(graph, free, fed) : undefined;
  const own = step?.states ?? [];
  const sensors = free.filter((input) => !own.some((state) => state.input === input));
  if (sensors.length === 0) {
    throw new LstmdError('model.refused', 'the graph has no input that samples could be given to');
  }
  if (step?.either !== undefined) {
    const either = new Set(step.either.map(({ input }) => input));
    throw eitherState(
      free.filter((input) => either.has(input)),
      step.either[0]?.output ?? '',
    );
  }
  const [doubt] = step?.doubtful ?? [];
  if (doubt !== undefined) {
    const alike = sensors.find(({ shape }) => sizesText(shape) === sizesText(doubt.input.shape));
    throw alike === undefined
      ? doubtfulState(sensors, doubt)
      : eitherState(
          free.filter((input) => input === alike || input === doubt.input),
          doubt.output,
        );
  }
  if (step?.open !== undefined) {
    throw openState(sensors, step.open);
  }
  if (sensors.length > 1 && inputs === undefined) {
    throw severalInputs(sensors, own);
  }
  return {
    sensors,
    states: states.filter((input) => !isFixed(input)),
    stepStates: own,
    constants: new Map(fixed.map(([info, numbers]) => [info.name, givenConstant(info, numbers)])),
  };
}

function named(info: OnnxValueInfo): NamedInput & { readonly info: OnnxValueInfo } {
  return { name: info.name, key: printableText(info.name), info };
}

/** The error for inputs of which nothing says what flows into them, with the way out. */
function severalInputs(
  sensors: readonly OnnxValueInfo[],
  states: readonly StepState[],
): LstmdError {
  const [first = '', ...others] = sensors.map(({ name }) => printableName(name));
  const last = others.at(-1) ?? first;
  const names = [first, ...others].map((name) => `"${name}"`).join(' and ');
  return new LstmdError(
    'model.refused',
    `inputs ${names}: it takes several${statesText(states)}: say which features of a sample flow into each (model.inputs: { ${first}: [...], ${last}: [...] }; --feed ${first}=1,2,3 --feed ${last}=4,5), and the numbers of one that is the same at all times (model.constants: { ${last}: [...] }; --constant ${last}=0.5,3); an input that you leave out is a state, where an output of its shape gives it back`,
  );
}

/** The error for inputs of which one is a state, and nothing tells which. */
function eitherState(inputs: readonly OnnxValueInfo[], given: string): LstmdError {
  const names = inputs.map(({ name }) => `"${printableName(name)}"`).join(' and ');
  const [first = '', second = ''] = inputs.map(({ name }) => printableName(name));
  const output = printableName(given);
  return new LstmdError(
    'model.refused',
    `inputs ${names}: each may be a state, which output "${output}" gives back, and the others take samples; nothing in the graph tells which: say what flows into those that take samples alone (model.inputs: { ${first}: [...] }; --feed ${first}=1,2,3 makes a state of "${second}"), or into all where none is a state (--feed ${first}=1,2,3 --feed ${second}=4,5)`,
  );
}

/** Says which inputs are states, where there are any. */
function statesText(states: readonly StepState[]): string {
  const names = states.map(
    ({ input, output }) =>
      `"${printableName(input.name)}", which output "${printableName(output)}" gives back`,
  );
  return names.length === 0
    ? ', and none of these is a state that goes into an LSTM, GRU or RNN as it is'
    : ` beside its ${names.length === 1 ? 'state' : 'states'} (${names.join('; ')})`;
}

/** The error for a state that may become one of several outputs, with the way out. */
export function openState(
  [sensor]: readonly OnnxValueInfo[],
  { input, outputs, decided }: OpenState,
): LstmdError {
  const [x, state] = [printableName(sensor?.name ?? ''), printableName(input.name)];
  const names = outputs.map((name) => `"${printableName(name)}"`).join(' or ');
  const flag =
    decided === undefined
      ? ''
      : `say what flows into "${x}" alone (model.inputs: { ${x}: [...] }; --feed ${x}=1,2,3) where it is "${printableName(decided)}"; otherwise `;
  return new LstmdError(
    'model.refused',
    `input "${state}" is a state, and its value at the next step may be output ${names}, which nothing in the graph tells: ${flag}export the model again without the outputs that are not, or with names that tell (output_names=["y", "h_next"])`,
  );
}

/** The error for an input that may be a state or the readings of another sensor, with the way out for both. */
function doubtfulState(
  [sensor]: readonly OnnxValueInfo[],
  { input, output }: StepState,
): LstmdError {
  const [x, state] = [printableName(sensor?.name ?? ''), printableName(input.name)];
  return new LstmdError(
    'model.refused',
    `inputs "${x}" and "${state}": "${state}" may be a state, which output "${printableName(output)}" gives back, or come from samples, and nothing in the graph tells: for a state say what flows into "${x}" alone (model.inputs: { ${x}: [...] }; --feed ${x}=1,2,3), otherwise what flows into each (model.inputs: { ${x}: [...], ${state}: [...] }; --feed ${x}=1,2,3 --feed ${state}=4,5)`,
  );
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
function isInitialState(node: OnnxNode, position: number): boolean {
  const { operator, inputs } = node;
  switch (operator) {
    case 'Scan':
      return position < inputs.length - (numberOf(node, 'num_scan_inputs') ?? inputs.length);
    case 'WrittenLoop':
      return position < (numberOf(node, 'states') ?? 0);
    case 'Loop':
      return position >= 2;
    default:
      return recurrentOperators.has(operator) && (position === 5 || position === 6);
  }
}
