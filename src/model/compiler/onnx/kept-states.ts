import { LstmdError } from '../../../base/errors.js';
import { printableName } from '../../../base/printable-text.js';
import type { OnnxValueInfo } from '../../source/onnx-source.js';
import type { PlanBuilder } from '../plan-builder.js';
import { everySample } from '../rate.js';
import { product } from '../shape.js';
import { ArrayMath } from '../window-array.js';
import { AxisConflict } from './axis-conflict.js';
import type { InputLayout } from './input-layout.js';
import type { Scope } from './scope.js';
import type { StepState } from './step-states.js';
import { plain, storedShape, type Axis } from './values/value.js';

/** Keeps the states of a step that is written out: what goes in is what came out of the step before, and zeros at first. */
export class KeptStates {
  readonly #builder: PlanBuilder;
  readonly #layout: InputLayout;
  readonly #states: readonly StepState[];
  readonly #offsets = new Map<StepState, number>();

  constructor(builder: PlanBuilder, layout: InputLayout, states: readonly StepState[]) {
    this.#builder = builder;
    this.#layout = layout;
    this.#states = states;
  }

  /** The outputs that the model says: those that go back in are among them where there are no others, or it gives them twice. */
  saidOf(outputs: readonly OnnxValueInfo[]): OnnxValueInfo[] {
    const unique = outputs.filter(
      ({ name }, i) => outputs.findIndex((one) => one.name === name) === i,
    );
    const stateOf = ({ name }: OnnxValueInfo): StepState | undefined =>
      this.#states.find((state) => state.output === name);
    const said = unique.filter(
      (output) => stateOf(output) === undefined || isGivenTwice(output.name, outputs),
    );
    const heads = unique.filter((output) => stateOf(output)?.isHead === true);
    return [said, heads, unique].find((some) => some.length > 0) ?? [];
  }

  /**
   * Gives the states of the step before to the names of the inputs.
   *
   * @throws AxisConflict where the sensor's input has more steps than one
   */
  enter(scope: Scope, anchored: () => void): void {
    const builder = this.#builder;
    for (const state of this.#states) {
      const name = printableName(state.input.name);
      if (!this.#layout.isOneStep) {
        throw new AxisConflict(`input "${name}" is a state of one step`);
      }
      const axes = stateAxes(state.input, this.#layout);
      const shape = storedShape(axes, true);
      const size = product(shape);
      const rate = everySample(null);
      anchored();
      if (builder.kind === 'window') {
        const like = { value: 0, shape: [this.#layout.features] };
        const zeros = new ArrayMath(builder, name).constant(like, new Float32Array(size), shape);
        scope.set(state.input.name, {
          kind: 'stream',
          axes,
          value: zeros.value,
          rate,
        });
        continue;
      }
      const stateOffset = builder.reserveState(name, 'h', size);
      const output = builder.valueLike(0, size);
      builder.add({
        kind: 'recall',
        layer: name,
        input: 0,
        output,
        stateOffset,
      });
      this.#offsets.set(state, stateOffset);
      scope.set(state.input.name, {
        kind: 'stream',
        axes,
        value: output,
        rate,
      });
    }
  }

  /** Keeps what the step made of each state. */
  keep(scope: Scope): void {
    const builder = this.#builder;
    for (const state of this.#states) {
      const value = scope.get(state.output);
      const stateOffset = this.#offsets.get(state);
      const name = printableName(state.output);
      const size = product(storedShape(stateAxes(state.input, this.#layout), true));
      if (value?.kind !== 'stream' || product(storedShape(value.axes, true)) !== size) {
        throw new LstmdError(
          'model.refused',
          `output "${name}" is not the state that input "${printableName(state.input.name)}" takes`,
        );
      }
      if (builder.kind === 'step' && stateOffset !== undefined) {
        const output = builder.valueLike(value.value, size);
        builder.add({
          kind: 'keep',
          layer: name,
          input: value.value,
          output,
          stateOffset,
        });
      }
    }
  }
}

/** Returns whether a file lists an output more than once. */
export function isGivenTwice(name: string, outputs: readonly OnnxValueInfo[]): boolean {
  return outputs.filter((output) => output.name === name).length > 1;
}

/** Floats that a state may have: its weights have as many rows. */
const maxFloats = 2 ** 20;

/**
 * The axes of a state that goes in; those that may be any are the batch.
 *
 * @throws LstmdError `model.refused` for a state without a shape, and for one that no model has
 */
export function stateAxes({ name, shape }: OnnxValueInfo, layout: InputLayout): Axis[] {
  if (shape === null) {
    throw new LstmdError(
      'model.refused',
      `input "${printableName(name)}": a state without a shape is not supported`,
    );
  }
  const axes = shape.map((size): Axis => {
    if (typeof size !== 'number' || size < 1) {
      return plain(1);
    }
    return size === layout.batch && size > 1 ? { size, kind: 'batch' } : plain(size);
  });
  if (product(axes.map(({ size }) => size)) > maxFloats) {
    throw new LstmdError(
      'model.refused',
      `input "${printableName(name)}": a state of more than ${maxFloats} floats is not supported`,
    );
  }
  return axes;
}
