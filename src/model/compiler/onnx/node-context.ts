import type { Activation } from '../../plan/stream-plan.js';
import type { Site } from '../operations/site.js';
import type { PlanBuilder } from '../plan-builder.js';
import type { StepRate } from '../rate.js';
import { product } from '../shape.js';
import { ArrayMath, type WindowArray } from '../window-array.js';
import type { ClassNodes } from './class-numbers.js';
import type { NodeAttributes } from './node-attributes.js';
import type { StateRegister } from './state-register.js';
import { storedShape, type Axis, type Constant, type Stream, type Value } from './values/value.js';

/** Holds what all nodes of a graph share. */
export interface GraphTerms {
  readonly builder: PlanBuilder;
  /** Version of the standard's operators. */
  readonly opset: number;
  /** True when the graph is one step: its input has no time, or one step of it. */
  readonly isOneStep: boolean;
  /** True when the number of steps of a window is known. */
  readonly isTimeKnown: boolean;
  /** Steps of a window as the graph counts them. */
  readonly steps: number;
  readonly states: StateRegister;
  /** ArgMax nodes at the end of the graph, which give the scores of classes. */
  readonly classNodes: ClassNodes;
  /** True when PyTorch has exported the model. */
  readonly isPyTorch: boolean;
  /** Multiply-adds of weights with weights so far, which take time as the model is loaded. */
  readonly folding: { multiplyAdds: number };
  /** Notes that an operator's own axes agree with what was supposed of the input's. */
  readonly anchored: () => void;
}

/** A use of an operator: what it is made of, and where its operations go. */
export class NodeContext implements Site {
  readonly name: string;
  readonly className: string;
  readonly builder: PlanBuilder;
  readonly options: NodeAttributes;
  readonly inputs: readonly (Value | undefined)[];
  /** The names of its outputs; those that nothing takes are empty. */
  readonly outputs: readonly string[];
  readonly terms: GraphTerms;
  readonly math: ArrayMath;
  /** How it streams, in a few words; undefined where it was folded away. */
  streaming: string | undefined;
  readonly #weights: { readonly name: string; readonly shape: readonly number[] }[] = [];

  constructor(
    terms: GraphTerms,
    node: Pick<NodeContext, 'name' | 'className' | 'options' | 'inputs' | 'outputs'>,
  ) {
    this.terms = terms;
    this.builder = terms.builder;
    this.name = node.name;
    this.className = node.className;
    this.options = node.options;
    this.inputs = node.inputs;
    this.outputs = node.outputs;
    this.math = new ArrayMath(terms.builder, node.name);
  }

  get isStep(): boolean {
    return this.builder.kind === 'step';
  }

  get weights(): readonly { readonly name: string; readonly shape: readonly number[] }[] {
    return this.#weights;
  }

  /** The shape of the floats of these axes as they are stored. */
  stored(axes: readonly Axis[]): number[] {
    return storedShape(axes, this.isStep);
  }

  /** @throws LstmdError `model.malformed` where the input is left out */
  input(position: number): Value {
    const value = this.inputs[position];
    if (value === undefined) {
      throw this.options.malformed(`its input ${position} is missing`);
    }
    return value;
  }

  /** An input that must be known when the model is loaded; undefined where it is left out. */
  constant(position: number, what: string): Constant | undefined {
    const value = this.inputs[position];
    if (value !== undefined && value.kind !== 'constant') {
      throw this.options.refused(
        `its ${what} is computed from the samples, which is not supported`,
      );
    }
    return value;
  }

  /** Whole numbers that an input holds; undefined where it is left out. */
  wholes(position: number, what: string): number[] | undefined {
    const value = this.constant(position, what);
    if (value !== undefined && value.type !== 'whole') {
      throw this.options.malformed(`its ${what} is not of whole numbers`);
    }
    return value && [...value.data];
  }

  /** Notes a constant as one of the node's weights. */
  note({ name, shape }: Constant, what: string): void {
    this.#weights.push({ name: name ?? what, shape });
  }

  /**
   * Floats of a constant as a weight, which must be finite.
   *
   * @throws LstmdError `model.malformed` for NaN and infinity
   */
  floats(constant: Constant, what: string): Float32Array {
    const data =
      constant.data instanceof Float32Array ? constant.data : Float32Array.from(constant.data);
    if (!data.every(Number.isFinite)) {
      throw this.options.malformed(
        `NaN or infinity stands in its ${what}: the training went wrong`,
      );
    }
    return data;
  }

  /**
   * The floats of a stream.
   *
   * @throws NeedsWindow for steps around the window, which a step lacks; LstmdError `model.refused` for minus infinity
   */
  array(stream: Stream): WindowArray {
    const { value, padding } = stream;
    this.requireFinite(stream);
    if (padding !== undefined) {
      this.builder.requireWindow(
        padding.node,
        'before anything but a convolution it adds steps that no sample brings',
      );
    }
    return { value, shape: this.stored(stream.axes) };
  }

  /**
   * A stream among the inputs.
   *
   * @throws LstmdError `model.refused` for a constant and for a state
   */
  stream(position: number): Stream {
    const value = this.input(position);
    if (value.kind === 'state') {
      throw this.options.refused(
        'a state that the model takes flows into it, and not into an LSTM, GRU or RNN: cells that are written out are not recognised here',
      );
    }
    if (value.kind === 'constant') {
      throw this.options.refused(
        'it works on numbers that no sample changes, which is not supported',
      );
    }
    return value;
  }

  /** @throws LstmdError `model.refused` for floats that stand for minus infinity */
  requireFinite({ hidden }: Stream): void {
    if (hidden !== undefined) {
      throw this.options.refused(
        `it computes with the minus infinity that node "${hidden.by}" writes, which is exact before a Softmax of the last axis alone: use a large negative number such as -1e9`,
      );
    }
  }

  /** Throws NeedsWindow step by step; over a window it returns. */
  requireWindow(reason: string): void {
    this.builder.requireWindow(this, reason);
  }

  /** Asks for the window where a number of steps, which may be any, is computed with. */
  requireKnown({ isOfSteps }: Constant): void {
    if (isOfSteps === true) {
      this.requireWindow('it computes with the length of the window');
    }
  }

  /** A stream of these axes with the floats of an array. */
  made(array: WindowArray, axes: readonly Axis[], rate: StepRate): Stream {
    if (product(array.shape) !== product(this.stored(axes))) {
      throw new RangeError('the floats of a stream fit its axes');
    }
    return { kind: 'stream', axes, value: array.value, rate };
  }

  /** A function of each float, or of each row of the last axis. */
  activated(stream: Stream, activation: Activation): Stream {
    this.streaming = this.isStep ? 'pointwise' : 'whole window';
    const { value } = this.math.activate(this.array(stream), activation);
    const { axes, rate, flat } = stream;
    return { kind: 'stream', axes, value, rate, ...(flat === undefined ? {} : { flat }) };
  }
}
