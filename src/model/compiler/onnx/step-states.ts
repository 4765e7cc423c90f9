import type { OnnxGraph, OnnxValueInfo } from '../../source/onnx-source.js';
import { isNamedNext, isNamedState } from './state-names.js';
import { StateFlows } from './state-flows.js';

/** A state of a step that is written out: what goes in, and the output that goes back in. */
export interface StepState {
  readonly input: OnnxValueInfo;
  readonly output: string;
  /** True where it is what a head gives, so that the model says it too. */
  readonly isHead: boolean;
}

/** Inputs that are tried: a step of more states is not told. */
export const mostInputs = 12;

/** Ways to read a graph that are looked at. */
const mostReadings = 64;

/** An input that may be a state, and the outputs that may be what it becomes. */
interface Candidate {
  readonly input: OnnxValueInfo;
  readonly outputs: readonly string[];
}

/** A state that may become one of several outputs. */
export interface OpenState extends Candidate {
  /** The output that it becomes where the options say that it is a state; undefined where that tells no more. */
  readonly decided: string | undefined;
}

/** One way to read a graph as a step: its states, and what of it nothing in the graph tells. */
export interface StepReading {
  readonly states: readonly StepState[];
  /** States that might as well be the readings of another sensor. */
  readonly doubtful: readonly StepState[];
  /** A state that may become one of several outputs; undefined where each becomes one. */
  readonly open?: OpenState | undefined;
  /** Inputs each of which may be a state, and another then is not; there are no states where there are any. */
  readonly either?: readonly StepState[];
}

/**
 * Tells the states of one step of a cell of any kind: each input but the sensor's becomes an output of its shape, which hangs on
 * it and is no head's. An output in which the state is kept by gates alone is its own before others. A net that gives
 * one of its inputs out again, as an autoencoder does, has the same shapes: a state is without doubt where the formula of a
 * cell with gates, or a name, tells it.
 *
 * @param sensors the inputs that samples flow into, where the options say them: all others are states
 * @returns undefined where the graph is no such step
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
  const candidates = inputs.map((input): Candidate => {
    const outputs = becomes(graph, flows, inputs.indexOf(input), input, sensors.length > 0);
    return { input, outputs };
  });
  const isSaid = sensors.length > 0;
  // What becomes nothing comes from the samples, or is the same at all times.
  const unlike = candidates.flatMap(({ input, outputs }) => (outputs.length === 0 ? [input] : []));
  const sets = isSaid ? [sensors] : [...inputs.map((input) => [input]), unlike];
  const found = sets.flatMap((read, i) => {
    const states = candidates.filter(({ input }) => !read.includes(input));
    // Several inputs are the sensor's where none can be alone.
    return states.length === 0 || (i === inputs.length && read.length < 2)
      ? []
      : pairings(states, flows).map((one) => ({ read, states: one }));
  });
  const [first] = found;
  if (first === undefined) {
    return undefined;
  }
  const own = isSaid ? found : toldOf(found, flows, inputs);
  const readings = own.map((one) => one.states);
  if (own.some(({ read }) => read !== own[0]?.read)) {
    return { states: [], doubtful: [], either: ofEach(readings.flat()) };
  }
  const [states = first.states] = readings;
  const doubtful = isSaid ? [] : doubtfulOf(states, flows, inputs);
  if (readings.length === 1) {
    const open = isSaid ? undefined : rivalsOf(graph, flows, inputs, states);
    const named = namedOf(open);
    return named === undefined || open === undefined
      ? { states, doubtful, open }
      : {
          states: states.map((one) =>
            one.input === open.input ? { input: one.input, output: named, isHead: false } : one,
          ),
          doubtful,
        };
  }
  const open = openState(readings);
  const said = isSaid ? undefined : stepStates(graph, inputs, own[0]?.read);
  const decided =
    said?.open === undefined
      ? said?.states.find(({ input }) => input === open?.input)?.output
      : undefined;
  return { states, doubtful, open: open && { ...open, decided } };
}

/** An input or several that samples flow into, and the states that the others are then. */
interface Reading {
  readonly read: readonly OnnxValueInfo[];
  readonly states: readonly StepState[];
}

/**
 * The readings that formulas and names leave. A fusion of two sensors with a gate has the formula of a cell: where no name tells
 * a state, and another input may be one as well, the formula alone does not tell.
 */
function toldOf(
  found: readonly Reading[],
  flows: StateFlows,
  inputs: readonly OnnxValueInfo[],
): readonly Reading[] {
  const possible = found.filter(({ read }) => !read.some(({ name }) => isNamedState(name)));
  const told = possible.filter(({ states }) => doubtfulOf(states, flows, inputs).length === 0);
  const isNamed = told.some(({ states }) =>
    states.some((state) => isNamedAsState(state, flows) || isNamedNext(state.output)),
  );
  const isRivalled = possible.some(({ read }) => read !== told[0]?.read);
  return told.length === 0 ? found : isRivalled && !isNamed ? possible : told;
}

/** Returns whether the name of a state, or of weights that it is multiplied with, says that it is one. */
function isNamedAsState({ input }: StepState, flows: StateFlows): boolean {
  return isNamedState(input.name) || flows.isWeighedAsState(input.name);
}

/** The first of the states of each input. */
function ofEach(states: readonly StepState[]): StepState[] {
  return states.filter(({ input }, i) => states.findIndex((one) => one.input === input) === i);
}

/** The outputs that an input may become. */
function becomes(
  graph: OnnxGraph,
  flows: StateFlows,
  at: number,
  { shape }: OnnxValueInfo,
  isSaid: boolean,
): string[] {
  const bit = 1 << at;
  const alike = uniqueOf(
    flows,
    graph.outputs.filter((output) => isOneShape(shape, output.shape)).map(({ name }) => name),
  );
  const cells = alike.filter((name) => flows.of(name).isCells);
  const hanging = cells.filter((name) => (flows.of(name).hangs & bit) !== 0);
  const kept = inOrder(
    graph,
    hanging.filter((name) => (flows.of(name).keeps & bit) !== 0),
  );
  const named = hanging.filter(isNamedNext);
  if (isSaid && kept.length > 1) {
    return kept.slice(0, 1);
  }
  const own = kept.length > 0 ? kept : named.length > 0 ? named : hanging;
  // Where the options say that it is a state it may also be what a head gave, or the sample before.
  return own.length > 0 || !isSaid ? own : cells.length > 0 ? cells : alike;
}

/** Names without those that are another name of one before. */
function uniqueOf(flows: StateFlows, names: readonly string[]): string[] {
  const sources = names.map((name) => flows.sourceOf(name));
  return names.filter((_, i) => sources.indexOf(sources[i] ?? '') === i);
}

/** Names in the order in which the nodes give them: what is made of another stands behind it. */
function inOrder({ nodes }: OnnxGraph, names: readonly string[]): string[] {
  const given = nodes.flatMap(({ outputs }) => outputs);
  return names.toSorted((a, b) => given.indexOf(a) - given.indexOf(b));
}

/**
 * Finds a state beside whose output another might as well be what it becomes: what a function, such as a norm, made of it.
 *
 * @returns undefined where there is none, or names tell
 */
export function rivalsOf(
  { outputs }: OnnxGraph,
  flows: StateFlows,
  inputs: readonly OnnxValueInfo[],
  states: readonly Pick<StepState, 'input' | 'output'>[],
): OpenState | undefined {
  const taken = new Set(states.map(({ output }) => flows.sourceOf(output)));
  for (const { input, output } of states) {
    const bit = 1 << inputs.indexOf(input);
    const rivals = outputs
      .filter(
        ({ name, shape }) => !taken.has(flows.sourceOf(name)) && isOneShape(input.shape, shape),
      )
      .map(({ name }) => name)
      .filter((name) => (flows.of(name).renews & bit) !== 0);
    if (rivals.length > 0 && !(isNamedNext(output) && !rivals.some(isNamedNext))) {
      return { input, outputs: [output, ...rivals], decided: output };
    }
  }
  return undefined;
}

/** The one of the outputs that names tell. */
export function namedOf(open: OpenState | undefined): string | undefined {
  const named = open?.outputs.filter(isNamedNext) ?? [];
  return named.length === 1 ? named[0] : undefined;
}

/** The first state that several readings give another output each. */
function openState(readings: readonly (readonly StepState[])[]): Candidate | undefined {
  for (const [i, { input }] of (readings[0] ?? []).entries()) {
    const outputs = [...new Set(readings.flatMap((states) => states[i]?.output ?? []))];
    if (outputs.length > 1) {
      return { input, outputs };
    }
  }
  return undefined;
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
    (state) =>
      (flows.of(state.output).gates & bitOf(state)) !== 0 ||
      isNamedAsState(state, flows) ||
      (isRenewed(state, state.output) && isNamedNext(state.output)),
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

function isOneShape(a: OnnxValueInfo['shape'], b: OnnxValueInfo['shape']): boolean {
  return (
    a !== null &&
    b !== null &&
    a.length === b.length &&
    a.every((size, i) => size !== null && size === b[i])
  );
}

/** Every way to give each state an output of its own, of so many as are looked at. */
function pairings(
  [first, ...others]: readonly Candidate[],
  flows: StateFlows,
  taken: ReadonlySet<string> = new Set(),
): StepState[][] {
  if (first === undefined) {
    return [[]];
  }
  return first.outputs
    .filter((output) => !taken.has(output))
    .flatMap((output) => {
      const state: StepState = {
        input: first.input,
        output,
        isHead: !flows.of(output).isCells,
      };
      return pairings(others, flows, new Set([...taken, output])).map((rest) =>
        [state].concat(rest),
      );
    })
    .slice(0, mostReadings);
}
