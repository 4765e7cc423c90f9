import { LstmdError } from '../../../base/errors.js';
import { printableName, printableText } from '../../../base/printable-text.js';
import type { OnnxSource, OnnxValueInfo } from '../../source/onnx-source.js';
import type { BuiltGraph } from '../compile-plan.js';
import { halfPrecisionOf, isHalfType } from '../../plan/half-precision.js';
import type { ModelInput } from '../../plan/model-input.js';
import type { ValueId } from '../../plan/stream-plan.js';
import type { GraphOutput } from '../model-outputs.js';
import type { PlanBuilder } from '../plan-builder.js';
import { everySample } from '../rate.js';
import { product } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { ArrayMath } from '../window-array.js';
import type { ClassNodes } from './class-numbers.js';
import { functionsByName } from './called-function.js';
import { GraphWalk } from './graph-walk.js';
import { inputAxes, type InputLayout } from './input-layout.js';
import type { GraphTerms } from './node-context.js';
import type { GraphInputs } from './sensor-input.js';
import { isGivenTwice, KeptStates, stateAxes } from './kept-states.js';
import { Scope } from './scope.js';
import { StateRegister } from './state-register.js';
import { anySteps, sayingAnyLength } from './trial-length.js';
import { dropUnread, fuseActivations } from './unread-operations.js';
import { storedShape, timeAxis, type Axis, type State, type Stream } from './values/value.js';

/** Holds what is of a graph that is built to see whether a layout fits. */
interface BuildTrial {
  /** Is called for each operator whose own axes agree with the layout. */
  readonly anchored?: () => void;
  /** Steps of the window, where it is one that nobody has said. */
  readonly trial?: number | undefined;
}

/**
 * Adds the operations of every node that the outputs hang on to a builder.
 *
 * @returns the graph, and how many nodes were computed as it was built
 * @param layouts of each of the sensor's inputs
 * @param fed the features of a sample that flow into each of them
 * @param tried where it is built to see whether the layout fits
 */
export function buildGraph(
  source: OnnxSource & { readonly classNodes: ClassNodes },
  inputs: GraphInputs,
  layouts: readonly InputLayout[],
  fed: readonly ModelInput[],
  builder: PlanBuilder,
  { anchored = () => {}, trial }: BuildTrial = {},
): BuiltGraph & { readonly folded: number } {
  const { graph } = source;
  const layout = commonLayout(layouts);
  let count: number | null = null;
  for (const { name } of fed) {
    count = builder.declareInput(name, layout.isOneStep ? null : layout.steps);
  }
  const steps = layout.isOneStep ? 1 : (count ?? anySteps);
  const register = new StateRegister();
  const terms: GraphTerms = {
    builder,
    opset: source.opsets.get('') ?? 1,
    isOneStep: layout.isOneStep,
    isTimeKnown: count !== null,
    steps,
    states: register,
    folding: { multiplyAdds: 0 },
    classNodes: source.classNodes,
    isPyTorch: source.producer === 'pytorch',
    anchored,
  };
  const scope = new Scope();
  scope.declare(graph.initializers);
  for (const [name, constant] of inputs.constants) {
    scope.set(name, constant);
  }
  // Value 0 is the whole sample.
  builder.value(
    1 + Math.max(...fed.flatMap(({ features }) => features)),
    layout.isOneStep ? 1 : count,
  );
  for (const [i, { name, type }] of inputs.sensors.entries()) {
    const own = layouts[i] ?? layout;
    const value = sampleValue(builder, fed, i);
    const stream = sensorStream(builder, own, { value, steps, count });
    scope.set(name, isHalfType(type) ? { ...stream, half: type } : stream);
  }
  const entered = inputs.states.map((input): State & { readonly name: string } => {
    const axes = stateAxes(input, layout);
    const ids = register.enter(product(storedShape(axes, true)));
    return { kind: 'state', axes, ids, name: input.name };
  });
  for (const state of entered) {
    scope.set(state.name, state);
  }
  const kept = new KeptStates(builder, layout, inputs.stepStates);
  kept.enter(scope, anchored);
  const walk = new GraphWalk(terms, functionsByName(source.functions));
  const names = graph.outputs.map((output) => output.name);
  sayingAnyLength(count === null && !layout.isOneStep ? anySteps : trial, () => {
    walk.run(graph.nodes, names, scope);
  });
  kept.keep(scope);
  const outputs = graphOutputs(graph.outputs, kept, scope, register, entered, terms);
  if (builder.kind === 'step') {
    const values = outputs.map(({ tensor }) => tensor.value);
    dropUnread(builder, values);
    fuseActivations(builder, values);
  } else {
    builder.dropUnread(outputs.map(({ tensor }) => tensor.value));
  }
  return {
    outputs,
    stateInputs: [],
    halfPrecision: halfPrecisionOf([...walk.halves].map(([name, type]) => ({ name, type }))),
    layers: walk.summaries,
    folded: walk.folded,
  };
}

/** Returns the layout that all inputs have in common; steps are those of the inputs that say them. */
function commonLayout(layouts: readonly InputLayout[]): InputLayout {
  const [first] = layouts;
  if (first === undefined) {
    throw new RangeError('a graph has an input');
  }
  return layouts.find(({ steps }) => steps !== null) ?? first;
}

/** The features of the sample that flow into an input. */
function sampleValue(builder: PlanBuilder, fed: readonly ModelInput[], position: number): ValueId {
  const { name = '', features = [] } = fed[position] ?? {};
  if (fed.length === 1 && features.every((feature, i) => feature === i)) {
    return 0;
  }
  const output = builder.valueLike(0, features.length);
  const indices = Int32Array.from(features);
  builder.add({ kind: 'gather', layer: name, input: 0, output, indices });
  return output;
}

/** The samples of an input, (steps, features), in the order of its axes. */
function sensorStream(
  builder: PlanBuilder,
  layout: InputLayout,
  {
    value,
    steps,
    count,
  }: {
    readonly value: ValueId;
    readonly steps: number;
    readonly count: number | null;
  },
): Stream {
  const axes = inputAxes(layout, steps);
  const rate = everySample(layout.isOneStep ? null : count);
  const time = layout.axes.indexOf('time');
  const isTurned = time > layout.axes.indexOf('features') && !layout.isOneStep;
  if (builder.kind !== 'window' || !isTurned) {
    return { kind: 'stream', axes, value, rate };
  }
  const turned = new ArrayMath(builder, 'input').transpose(
    { value, shape: [steps, layout.features] },
    [1, 0],
  );
  return { kind: 'stream', axes, value: turned.value, rate };
}

/** The outputs without the states that go back in. */
function graphOutputs(
  given: readonly OnnxValueInfo[],
  kept: KeptStates,
  scope: Scope,
  register: StateRegister,
  states: readonly (State & { readonly name: string })[],
  terms: GraphTerms,
): GraphOutput[] {
  const fedBack = new Set<string>();
  const outputs = kept.saidOf(given);
  const found: GraphOutput[] = [];
  const finalStates: GraphOutput[] = [];
  for (const { name } of outputs) {
    const value = scope.get(name);
    const label = `output "${printableName(name)}"`;
    if (value === undefined) {
      scope.checkRead(name);
      throw new LstmdError('model.malformed', `${label}: no node gives it`);
    }
    if (value.kind === 'constant') {
      throw new LstmdError('model.refused', `${label}: no sample changes it`);
    }
    const { finals } = value.kind === 'stream' ? value : { finals: undefined };
    const state =
      finals === undefined
        ? undefined
        : states.find((one) => !fedBack.has(one.name) && register.isFedBack(one, finals));
    if (value.kind === 'state') {
      throw new LstmdError('model.refused', `${label}: it is a state as it went in`);
    }
    const output = {
      name: printableText(name),
      layer: printableText(name),
      tensor: tensorOf(value, label, terms),
    };
    if (state === undefined) {
      found.push(output);
      continue;
    }
    fedBack.add(state.name);
    finalStates.push(output);
    if (isGivenTwice(name, given)) {
      found.push(output);
    }
  }
  const classes = new Set(
    [...terms.classNodes.keys()].map(({ outputs: [name = ''] }) => printableText(name)),
  );
  const isClasses = ({ name }: GraphOutput): boolean => classes.has(name ?? '');
  const isGiven = (output: GraphOutput): boolean =>
    isClasses(output) &&
    found.some((one) => !isClasses(one) && one.tensor.value === output.tensor.value);
  const lost = states.find(({ name }) => !fedBack.has(name));
  if (lost !== undefined) {
    throw new LstmdError(
      'model.refused',
      `input "${printableName(lost.name)}" is a state that goes in, and no output gives it back: export the model with the new state as an output, or without the state, which lstmd carries by itself`,
    );
  }
  // Scores that are an output of the file's own are given once.
  const own = found.filter((output) => !isGiven(output));
  // A cell alone, without a head, says its states.
  return own.length > 0 ? own : finalStates;
}

/** An output as the plan has it: of each step, or of the steps so far. */
function tensorOf(stream: Stream, label: string, { builder, isOneStep }: GraphTerms): Tensor {
  const { axes, value, rate, flat, padding, hidden } = stream;
  if (hidden !== undefined) {
    throw new LstmdError(
      'model.refused',
      `${label}: it has the minus infinity that node "${hidden.by}" writes: export the model with its softmax`,
    );
  }
  const stored = storedShape(axes, builder.kind === 'step');
  const time = timeAxis(axes);
  const inner = axes.filter(
    ({ kind, size }, axis) => kind === 'plain' && (size > 1 || axis > time),
  );
  const size = product(inner.map((axis) => axis.size));
  if (padding !== undefined) {
    builder.requireWindow(padding.node, 'at the end it adds steps that no sample brings');
  }
  if (flat !== undefined) {
    builder.requireWindow(
      flat.by,
      'at the end it makes the whole window an output; before a product it is a sum over time',
    );
  }
  if (builder.kind === 'step') {
    const form = time >= 0 && !isOneStep ? 'sequence' : 'vector';
    return { value, size, form, rate, mask: null, ...(form === 'vector' && rowStepsOf(axes)) };
  }
  const math = new ArrayMath(builder, label);
  if (time < 0) {
    return {
      value: math.asSteps({ value, shape: stored }, size),
      size,
      form: 'vector',
      rate: everySample(1),
      mask: null,
      ...rowStepsOf(axes),
    };
  }
  const steps = axes[time]?.size ?? 1;
  const order = [time, ...axes.map((_, axis) => axis).filter((axis) => axis !== time)];
  const turned = math.transpose({ value, shape: stored }, order);
  return {
    value: math.asSteps(turned, size),
    size,
    form: 'sequence',
    rate: everySample(steps),
    mask: null,
  };
}

/** The steps of an output (batch, steps, floats) that has no axis of the window's time. */
function rowStepsOf(axes: readonly Axis[]): Pick<Tensor, 'rowSteps'> {
  const [batch, steps, floats, ...others] = axes;
  const isLane = batch?.kind === 'batch' || batch?.size === 1;
  const areSteps = steps?.kind === 'plain' && steps.size > 1 && floats?.kind === 'plain';
  return isLane && areSteps && others.length === 0 ? { rowSteps: steps.size } : {};
}
