import { inputsOf, outputsOf, type StepOp } from '../plan/step-op.js';
import type { StateTensor, ValueId } from '../plan/stream-plan.js';
import type { ScanState, WindowOp, WindowPlan, WindowValue } from '../plan/window-plan.js';
import { checkValueSize } from './plan-memory.js';

/**
 * Collects operations over a whole window: each step operation runs over all steps of its inputs,
 * and operations over the window itself can stand between them. It has the methods of `StepBuilder`.
 */
export class WindowBuilder {
  readonly kind = 'window';
  readonly #values: WindowValue[] = [];
  #ops: WindowOp[] = [];
  #scratchSize = 0;
  /** Scratch floats that are reserved for the operation that is added next. */
  #pendingScratch = 0;
  #isReverse = false;

  readonly window: number;

  /** @param window steps of the model's input */
  constructor(window: number) {
    this.window = window;
  }

  /** The window was asked for by the steps of the model. */
  get askedWindow(): number {
    return this.window;
  }

  /** Returns whether operations are being added that run from the last step to the first. */
  get isReverse(): boolean {
    return this.#isReverse;
  }

  /** The state of a window is scratch, which belongs to no layer. */
  beginLayer(_layerIndex: number | null): void {}

  /** Every layer is exact over a whole window. */
  ruleOut(): void {}

  requireWindow(): this {
    return this;
  }

  declareInput(_name?: string, _steps?: number | null): number {
    return this.window;
  }

  /** The step operations so far. */
  get ops(): StepOp[] {
    return this.#ops.flatMap((windowOp) => (windowOp.kind === 'scan' ? [windowOp.op] : []));
  }

  /**
   * A new value of `steps x size` floats.
   *
   * @throws RangeError where the number of steps is not known, which a window rules out
   */
  value(size: number, steps: number | null): ValueId {
    if (steps === null) {
      throw new RangeError('a value of a whole window has a number of steps');
    }
    checkValueSize(size * steps);
    return this.#values.push({ steps, size }) - 1;
  }

  /** A new value of `size` floats with the steps of another. */
  valueLike(value: ValueId, size: number): ValueId {
    return this.value(size, this.stepsOf(value));
  }

  stepsOf(value: ValueId): number {
    return this.#values[value]?.steps ?? 0;
  }

  #sizeOf(value: ValueId): number {
    return this.#values[value]?.size ?? 0;
  }

  /** Reserves `size` floats of scratch state for the operation that is added next; returns their offset. */
  reserveState(_layer: string, _role: StateTensor['role'], size: number): number {
    const offset = this.#pendingScratch;
    this.#pendingScratch += size;
    this.#scratchSize = Math.max(this.#scratchSize, this.#pendingScratch);
    return offset;
  }

  /** Adds a step operation, which runs over all steps of its inputs. */
  add(op: StepOp): void {
    this.#pendingScratch = 0;
    this.#ops.push({ kind: 'scan', op, reverse: this.#isReverse });
  }

  /**
   * Makes the operation that was added last begin with states and give those after its last step.
   *
   * @param initial the values that its h and c begin with; none for zeros
   * @param final the values that are written
   */
  carryStates(initial: readonly ValueId[], final: readonly ValueId[]): void {
    const last = this.#ops.pop();
    if (last?.kind !== 'scan' || !('hOffset' in last.op)) {
      throw new RangeError('only a recurrent operation carries states');
    }
    const offsets = 'cOffset' in last.op ? [last.op.hOffset, last.op.cOffset] : [last.op.hOffset];
    const placed = (values: readonly ValueId[]): ScanState[] =>
      values.map((value, i) => ({ value, offset: offsets[i] ?? 0 }));
    this.#ops.push({ ...last, initial: placed(initial), final: placed(final) });
  }

  /** Adds steps of zeros before and after; returns a value of (before + steps + after, size). */
  pad(layer: string, input: ValueId, before: number, after: number): ValueId {
    const output = this.value(this.#sizeOf(input), before + this.stepsOf(input) + after);
    this.#ops.push({ kind: 'pad', layer, input, output, before, after, value: 0 });
    return output;
  }

  /** Keeps `steps` steps after the first `before`; returns a value of (steps, size). */
  crop(layer: string, input: ValueId, before: number, steps: number): ValueId {
    const output = this.value(this.#sizeOf(input), steps);
    this.#ops.push({ kind: 'crop', layer, input, output, before });
    return output;
  }

  /** Makes a vector each of `steps` steps; returns a value of (steps, size). */
  repeat(layer: string, input: ValueId, steps: number): ValueId {
    const output = this.value(this.#sizeOf(input), steps);
    this.#ops.push({ kind: 'repeat', layer, input, output });
    return output;
  }

  /** Gives the same floats in the same order another shape, (steps, size). */
  reshape(layer: string, input: ValueId, steps: number, size: number): ValueId {
    const output = this.value(size, steps);
    this.#ops.push({ kind: 'reshape', layer, input, output });
    return output;
  }

  /** Exchanges steps and features: (steps, size) becomes (size, steps). */
  transpose(layer: string, input: ValueId): ValueId {
    const output = this.value(this.stepsOf(input), this.#sizeOf(input));
    this.#ops.push({ kind: 'transpose', layer, input, output });
    return output;
  }

  /** Runs what `build` adds from the last step to the first. */
  reversed<T>(build: () => T): T {
    this.#isReverse = true;
    try {
      return build();
    } finally {
      this.#isReverse = false;
    }
  }

  /** Takes out operations whose values nothing reads: a window is computed anew each time, so that they do nothing. */
  dropUnread(outputs: readonly ValueId[]): void {
    const read = new Set(outputs);
    const kept: WindowOp[] = [];
    for (const windowOp of this.#ops.toReversed()) {
      const isScan = windowOp.kind === 'scan';
      const written = isScan
        ? [...outputsOf(windowOp.op), ...(windowOp.final ?? []).map(({ value }) => value)]
        : [windowOp.output];
      if (!written.some((value) => read.has(value))) {
        continue;
      }
      kept.push(windowOp);
      const initial = isScan ? (windowOp.initial ?? []).map(({ value }) => value) : [];
      for (const value of isScan ? [...inputsOf(windowOp.op), ...initial] : [windowOp.input]) {
        read.add(value);
      }
    }
    this.#ops = kept.toReversed();
  }

  plan(outputs: readonly ValueId[]): WindowPlan {
    return { values: this.#values, ops: this.#ops, outputs, scratchSize: this.#scratchSize };
  }
}
