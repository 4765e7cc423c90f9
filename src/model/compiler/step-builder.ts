import { LstmdError } from '../../base/errors.js';
import { NeedsWindow } from './needs-window.js';
import { checkValueSize } from './plan-memory.js';
import type { NamedLayer } from './tensor.js';
import {
  modes as allModes,
  type Mode,
  type ModeVerdict,
  type StateTensor,
  type StepOp,
  type ValueId,
} from '../plan/stream-plan.js';
import { wrongWindow } from './wrong-window.js';

/**
 * Collects the operations of one step, their values and their state, and which modes are exact.
 * `WindowBuilder` has the same methods for operations over a whole window.
 */
export class StepBuilder {
  readonly kind = 'step';
  readonly ops: StepOp[] = [];
  readonly valueSizes: number[] = [];
  readonly state: StateTensor[] = [];
  laneStateSize = 0;
  window: number | null = null;
  readonly #verdicts = new Map<Mode, ModeVerdict>();
  #layerIndex = 0;
  #inputLayer: string | undefined;

  /** Steps of a window that the user asked for; undefined for the model's own. */
  readonly askedWindow: number | undefined;

  /** @param askedWindow steps of a window that the user asked for; undefined for the model's own */
  constructor(askedWindow: number | undefined) {
    this.askedWindow = askedWindow;
  }

  /** Names the layer whose state is reserved from here on, by its index in the model. */
  beginLayer(layerIndex: number | null): void {
    this.#layerIndex = layerIndex ?? 0;
  }

  /**
   * Declares an input of the model; of several, all take the same samples.
   *
   * @param steps of the input as the file has it; null where it takes any number
   * @returns steps of the window: the file's own, or those that the user asked for
   * @throws LstmdError `model.refused` for an input of another window, `model.mode` when the user asked for another one
   */
  declareInput(layer: string, steps: number | null): number | null {
    if (steps !== null && this.askedWindow !== undefined && this.askedWindow !== steps) {
      throw wrongWindow(
        `input "${layer}" takes windows of ${steps} steps, which its file says: a window of ${this.askedWindow} (model.window, --window) is for a model that takes any number of steps`,
      );
    }
    const window = steps ?? this.askedWindow ?? null;
    if (this.#inputLayer !== undefined && window !== this.window) {
      throw new LstmdError(
        'model.refused',
        `the inputs "${this.#inputLayer}" and "${layer}" take windows of ${countText(this.window)} and ${countText(window)} steps, which do not come from the samples of one sensor`,
      );
    }
    this.#inputLayer ??= layer;
    this.window = window;
    return window;
  }

  /** Floats of one sample. */
  get features(): number {
    return this.valueSizes[0] ?? 0;
  }

  /** A new value of `size` floats. It holds one step, whatever the number of steps. */
  value(size: number, _steps: number | null): ValueId {
    checkValueSize(size);
    return this.valueSizes.push(size) - 1;
  }

  /** A new value of `size` floats with the steps of another. */
  valueLike(_value: ValueId, size: number): ValueId {
    return this.value(size, null);
  }

  /** Reserves `size` floats of a lane's state and returns their offset. */
  reserveState(layer: string, role: StateTensor['role'], size: number): number {
    const offset = this.laneStateSize;
    if (size === 0) {
      return offset;
    }
    this.state.push({ layer, layerIndex: this.#layerIndex, role, offset, size });
    this.laneStateSize += size;
    return offset;
  }

  /** Adds an operation. Its output must be a new value; its inputs must have been written before. */
  add(op: StepOp): void {
    this.ops.push(op);
  }

  /** Says that these modes would not give exactly what the trained model gives. */
  ruleOut(modes: readonly Mode[], { name, className }: NamedLayer, reason: string): void {
    for (const mode of modes) {
      this.markInexact(mode, name, `${className}: ${reason}`);
    }
  }

  /** Says so of one mode. Of several reasons for a mode the first is told. */
  markInexact(mode: Mode, layer: string, reason: string): void {
    if (!this.#verdicts.has(mode)) {
      this.#verdicts.set(mode, { exact: false, layer, reason });
    }
  }

  /** @throws NeedsWindow always: there is no whole window step by step */
  requireWindow(layer: NamedLayer, reason: string): never {
    throw new NeedsWindow(layer, reason);
  }

  isExact(mode: Mode): boolean {
    return !this.#verdicts.has(mode);
  }

  /** Takes back that a mode is inexact, because there is a plan over the whole window. */
  markExact(mode: Mode): void {
    this.#verdicts.delete(mode);
  }

  /** @throws LstmdError `model.refused` where no mode is exact, `model.malformed` for a model without input */
  verdicts(): Record<Mode, ModeVerdict> {
    const layer = this.#inputLayer;
    if (layer === undefined) {
      throw new LstmdError('model.malformed', 'the model has no input');
    }
    if (this.window === null) {
      const reason =
        'the model takes any number of steps; give a window (--window, or model.window in the configuration)';
      this.markInexact('sequence', layer, reason);
      // This reason replaces any other: with a window, sliding would be exact for every layer.
      this.#verdicts.set('sliding', { exact: false, layer, reason });
    }
    const verdict = (mode: Mode): ModeVerdict => this.#verdicts.get(mode) ?? { exact: true };
    if (allModes.every((mode) => !verdict(mode).exact)) {
      const reasons = allModes.map((mode) => {
        const found = verdict(mode);
        return found.exact ? '' : `${mode}: layer "${found.layer}": ${found.reason}`;
      });
      throw new LstmdError('model.refused', `no mode is exact (${reasons.join('; ')})`);
    }
    return {
      continuous: verdict('continuous'),
      sequence: verdict('sequence'),
      sliding: verdict('sliding'),
    };
  }
}

function countText(count: number | null): string {
  return count === null ? 'any number of' : String(count);
}
