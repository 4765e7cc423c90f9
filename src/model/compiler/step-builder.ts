import { LstmdError } from '../../base/errors.js';
import {
  modes,
  type Mode,
  type ModeVerdict,
  type StateTensor,
  type StepOp,
  type ValueId,
} from '../plan/stream-plan.js';

/** Floats of the largest register that a plan may have. */
const largestValue = 2 ** 26;

/** @throws LstmdError `model.refused` for what no machine has room for: a few lines of configuration can ask for it */
export function requireRoom(floats: number): void {
  if (floats > largestValue) {
    throw new LstmdError(
      'model.refused',
      `one of its tensors would take ${mebibytes(floats)} MiB of memory to run, more than ${mebibytes(largestValue)}`,
    );
  }
}

function mebibytes(floats: number): number {
  return Math.ceil((floats * Float32Array.BYTES_PER_ELEMENT) / 2 ** 20);
}

/** Collects the operations of one step, their registers and their state. */
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

  readonly #requestedWindow: number | undefined;

  /** @param requestedWindow steps that the user fixed for a model that takes any number */
  constructor(requestedWindow: number | undefined) {
    this.#requestedWindow = requestedWindow;
  }

  /** The layer that what follows belongs to. */
  enter(layerIndex: number | null): void {
    this.#layerIndex = layerIndex ?? 0;
  }

  /**
   * Declares the model's input; returns its steps, the file's own or those that the user fixed.
   *
   * @throws LstmdError `model.refused` for a second input, `model.mode` when the user asks for another window
   */
  input(layer: string, steps: number | null): number | null {
    if (this.#inputLayer !== undefined) {
      throw new LstmdError(
        'model.refused',
        `the model has two inputs ("${this.#inputLayer}" and "${layer}"); a stream feeds one`,
      );
    }
    if (steps !== null && this.#requestedWindow !== undefined && this.#requestedWindow !== steps) {
      throw new LstmdError(
        'model.mode',
        `layer "${layer}" takes windows of ${steps} steps, so a window of ${this.#requestedWindow} cannot be asked for`,
      );
    }
    this.#inputLayer = layer;
    this.window = steps ?? this.#requestedWindow ?? null;
    return this.window;
  }

  /** Values of one sample. */
  get features(): number {
    return this.valueSizes[0] ?? 0;
  }

  /** A new register of `size` floats, for one step of however many. */
  value(size: number, _steps: number | null): ValueId {
    requireRoom(size);
    return this.valueSizes.push(size) - 1;
  }

  /** A new register with the steps of another. */
  like(_value: ValueId, size: number): ValueId {
    return this.value(size, null);
  }

  /** `size` floats of the state; returns their offset in a lane. */
  remember(layer: string, role: StateTensor['role'], size: number): number {
    const offset = this.laneStateSize;
    if (size === 0) {
      return offset;
    }
    this.state.push({ layer, layerIndex: this.#layerIndex, role, offset, size });
    this.laneStateSize += size;
    return offset;
  }

  /** Adds an operation; its output register must be new, its inputs written before. */
  add(op: StepOp): void {
    this.ops.push(op);
  }

  /** States that a mode would not give what Keras gives. The first reason stays. */
  rule(mode: Mode, layer: string, reason: string): void {
    if (!this.#verdicts.has(mode)) {
      this.#verdicts.set(mode, { exact: false, layer, reason });
    }
  }

  isExact(mode: Mode): boolean {
    return !this.#verdicts.has(mode);
  }

  /** Takes a ruling back: a whole window is exact after all. */
  allow(mode: Mode): void {
    this.#verdicts.delete(mode);
  }

  /** @throws LstmdError `model.refused` when no mode is left */
  verdicts(): Record<Mode, ModeVerdict> {
    const layer = this.#inputLayer;
    if (layer === undefined) {
      throw new LstmdError('model.malformed', 'the model has no input');
    }
    if (this.window === null) {
      const reason = 'the model takes any number of steps; give a window';
      this.rule('sequence', layer, reason);
      // With a window every layer is exact in it.
      this.#verdicts.set('sliding', { exact: false, layer, reason });
    }
    const verdict = (mode: Mode): ModeVerdict => this.#verdicts.get(mode) ?? { exact: true };
    if (modes.every((mode) => !verdict(mode).exact)) {
      const reasons = modes.map((mode) => {
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
