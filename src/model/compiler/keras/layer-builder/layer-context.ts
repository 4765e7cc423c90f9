import type { Cadence } from '../../rate.js';
import { NeedsWindow } from '../../needs-window.js';
import type { Mode, ValueId } from '../../../plan/stream-plan.js';
import type { StepBuilder } from '../../step-builder.js';
import type { WindowBuilder } from '../../window-builder.js';
import type { LayerOptions } from './layer-options.js';
import type { WeightReader } from './weight-reader.js';

/** A tensor of the Keras graph, seen as what one step of it is. */
export interface Tensor {
  /** The register that holds one step, or the steps of a whole window. */
  readonly value: ValueId;
  /** Floats of one step. */
  readonly size: number;
  /**
   * `sequence`: (steps, size). `vector`: (size), the value after the steps so far. `flattened`:
   * (steps * size), of which each step only knows its own part. `state`: (size), what a recurrent
   * layer carries from one call of the model to the next; it has no register. `comparison`: (steps,
   * size) of whether each float differs from `maskValue`; `mask`: (steps) of whether any does.
   */
  readonly form: 'sequence' | 'vector' | 'flattened' | 'state' | 'comparison' | 'mask';
  /** When its steps come; of a vector, those that it was made of. */
  readonly cadence: Cadence;
  /** One float for each step, 0 where Keras masks it; null where nothing is masked. */
  readonly mask: ValueId | null;
  /** What a `comparison` is with. */
  readonly maskValue?: number;
  /** Whether its steps may fail to come: all may be masked so far. */
  readonly mayLack?: boolean;
  /** The layer that took the time axis away, of a `flattened` tensor. */
  readonly flattenedBy?: NamedLayer;
  /** Zeros around the window that are not in the register yet (ZeroPadding1D). */
  readonly padding?: {
    readonly layer: NamedLayer;
    readonly before: number;
    readonly after: number;
  };
  /** The InputLayer, of a `state` that the user feeds. */
  readonly fedBy?: string;
  /** The recurrent layer whose last state this is. */
  readonly carriedBy?: CarriedState;
}

export type NamedLayer = Pick<LayerContext, 'name' | 'className'>;

export interface CarriedState {
  readonly layer: string;
  readonly role: 'h' | 'c';
  /** The InputLayer that the user feeds it back through, or null. */
  readonly fedBy: string | null;
}

/** An argument of a call, in order. */
export type Argument = { readonly tensor: Tensor } | { readonly constant: unknown };

/** What a layer is made of, and where its operations go. */
export interface LayerContext {
  /** Path of the layer: `outer/inner` when nested. */
  readonly name: string;
  readonly className: string;
  /** Major version of the Keras that wrote the file. */
  readonly kerasMajor: number;
  readonly inputs: readonly Tensor[];
  readonly initialState: readonly Tensor[];
  /** Inputs and constants, for what is not a layer but an operation. */
  readonly args: readonly Argument[];
  readonly options: LayerOptions;
  readonly weights: WeightReader;
  readonly builder: StepBuilder | WindowBuilder;
  /**
   * Builds a layer that an option of this one holds; returns its outputs.
   *
   * @param place where its weights lie, e.g. `layer`
   */
  readonly inner: (entry: unknown, input: Tensor, place: string) => readonly Tensor[];
}

export interface BuiltLayer {
  readonly outputs: readonly Tensor[];
  /** How it streams, for people to read. */
  readonly streaming: string;
}

/**
 * Turns a layer into operations of the plan: reads its options and its weights,
 * and refuses by name what it would not compute exactly.
 *
 * @throws LstmdError `model.refused`, `model.malformed`; NeedsWindow where the builder takes steps
 *   and the layer needs more than the steps so far
 */
export type LayerBuilder = (layer: LayerContext) => BuiltLayer;

/**
 * The builder, for what is only exact over a whole window.
 *
 * @throws NeedsWindow where it takes steps
 */
export function wholeWindow(
  { builder }: LayerContext,
  { name, className }: NamedLayer,
  reason: string,
): WindowBuilder {
  if (builder.kind === 'window') {
    return builder;
  }
  throw new NeedsWindow(name, `${className}: ${reason}`);
}

/** States that a layer would not give in these modes what Keras gives. */
export function ruleOut(
  { builder }: LayerContext,
  { name, className }: NamedLayer,
  modes: readonly Mode[],
  reason: string,
): void {
  for (const mode of modes) {
    builder.rule(mode, name, `${className}: ${reason}`);
  }
}

/** `1 step`, `2 steps`. */
export function stepsText(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}

/** Shape without the batch, as Keras names it. */
export function shapeOf({ form, size, cadence, padding }: Tensor): (number | null)[] {
  const { count } = cadence;
  switch (form) {
    case 'mask':
      return [count];
    case 'sequence':
    case 'comparison':
      return [count === null ? null : count + (padding?.before ?? 0) + (padding?.after ?? 0), size];
    case 'vector':
    case 'state':
      return [size];
    case 'flattened':
      return [count === null ? null : count * size];
  }
}
