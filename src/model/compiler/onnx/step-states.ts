import type { OnnxGraph, OnnxValueInfo } from '../../source/onnx-source.js';
import { StateFlows } from './state-flows.js';

/** A state of a step that is written out: what goes in, and the output that goes back in. */
export interface StepState {
  readonly input: OnnxValueInfo;
  readonly output: string;
}

/** Inputs that are tried: a step of more states is not told. */
const mostInputs = 12;

/** Words that people name a state by, and those that may stand beside them. */
const stateWord = /^(h|hx|hidden|states?|carry|before)$/;
const wordBeside =
  /^(|in|input|init|initial|prev|previous|last|old|t|n|c|x|cell|l|layer|lstm|gru|rnn)$/;

/** One way to read a graph as a step: its states, and those of them that might as well be the readings of another sensor. */
export interface StepReading {
  readonly states: readonly StepState[];
  readonly doubtful: readonly StepState[];
}

/**
 * Tells the states of one step of a cell of any kind: each input but one becomes an output of its shape, which hangs on it and
 * is no head's. An output in which the state is kept by gates alone is its own before others. A net that gives one of
 * its inputs out again, as an autoencoder does, has the same shapes: a state is without doubt where the formula of a cell, or its
 * name, tells it.
 *
 * @param sensors the inputs that samples flow into, where the options say them: all others are states
 * @returns undefined where the graph is no such step, or could be read in more than one way
 */
export function stepStates(
  graph: OnnxGraph,
  inputs: readonly OnnxValueInfo[],
  sensors: readonly OnnxValueInfo[] = [],
): StepReading | undefined {
  if (inputs.length > mostInputs) {
    return undefined;
  }
  const flows = new StateFlows(graph, inputs);
  const outputs = graph.outputs.filter(({ name }) => flows.of(name).isCells);
  const becomes = inputs.map((input, i) => {
    const hanging = outputs.filter(
      ({ name, shape }) =>
        isOneShape(input.shape, shape) && (flows.of(name).hangs & (1 << i)) !== 0,
    );
    const kept = hanging.filter(({ name }) => (flows.of(name).keeps & (1 << i)) !== 0);
    return (kept.length > 0 ? kept : hanging).map(({ name }) => name);
  });
  const found: StepState[][] = [];
  for (const read of sensors.length > 0 ? [sensors] : inputs.map((input) => [input])) {
    const states = inputs.flatMap((input, i) =>
      read.includes(input) ? [] : [{ input, outputs: becomes[i] ?? [] }],
    );
    found.push(...pairings(states, new Set()));
  }
  const [only, ...others] = found;
  // What is left is what the model says.
  return others.length === 0 && only !== undefined && only.length < graph.outputs.length
    ? { states: only, doubtful: sensors.length > 0 ? [] : doubtfulOf(only, flows, inputs) }
    : undefined;
}

/** The states that neither a formula nor a name tells. */
function doubtfulOf(
  states: readonly StepState[],
  flows: StateFlows,
  inputs: readonly OnnxValueInfo[],
): StepState[] {
  const bitOf = ({ input }: StepState): number => 1 << inputs.indexOf(input);
  const isRenewed = (state: StepState, output: string): boolean =>
    (flows.of(output).renews & bitOf(state)) !== 0;
  const told = states.filter(
    (state) => isRenewed(state, state.output) || isNamedState(state.input.name),
  );
  return states.filter(
    (state) =>
      !told.includes(state) &&
      // The h of an LSTM goes into its new c, which it is a function of.
      !told.some(
        (other) =>
          isRenewed(other, state.output) && (flows.of(other.output).hangs & bitOf(state)) !== 0,
      ),
  );
}

/** Returns whether a name says a state and nothing else: `h_0`, `hiddenState`, and not `state_of_charge`. */
function isNamedState(name: string): boolean {
  const words = name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase());
  return (
    words.some((word) => stateWord.test(word)) &&
    words.every((word) => stateWord.test(word) || wordBeside.test(word))
  );
}

function isOneShape(a: OnnxValueInfo['shape'], b: OnnxValueInfo['shape']): boolean {
  return (
    a !== null &&
    b !== null &&
    a.length === b.length &&
    a.every((size, i) => size !== null && size === b[i])
  );
}

/** Every way to give each state an output of its own. */
function pairings(
  states: readonly {
    readonly input: OnnxValueInfo;
    readonly outputs: readonly string[];
  }[],
  taken: ReadonlySet<string>,
): StepState[][] {
  const [first, ...others] = states;
  if (first === undefined) {
    return [[]];
  }
  return first.outputs
    .filter((output) => !taken.has(output))
    .flatMap((output) =>
      pairings(others, new Set([...taken, output])).map((rest) => {
        rest.push({ input: first.input, output });
        return rest;
      }),
    );
}
