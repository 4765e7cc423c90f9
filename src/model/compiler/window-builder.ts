import type { StateTensor, ValueId } from '../plan/stream-plan.js';
import { requireRoom } from './step-builder.js';
import type { StepOp } from '../plan/step-op.js';
import type { WindowOp, WindowPlan, WindowValue } from '../plan/window-plan.js';

/** Takes what `StepBuilder` takes, and runs each operation over the steps of a whole window. */
export class WindowBuilder {
  readonly kind = 'window';
  readonly #values: WindowValue[] = [];
  readonly #ops: WindowOp[] = [];
  #scratchSize = 0;
  #scratchOfOp = 0;
  #isReverse = false;

  readonly window: number;

  /** @param window steps of the model's input */
  constructor(window: number) {
    this.window = window;
  }

  get isReverse(): boolean {
    return this.#isReverse;
  }

  /** Everything is exact over a whole window, and has no place in the stream's own state. */
  enter(_layerIndex: number | null): void {}
  rule(): void {}

  input(): number {
    return this.window;
  }

  /** The step operations so far. */
  get ops(): StepOp[] {
    return this.#ops.flatMap((one) => (one.kind === 'scan' ? [one.op] : []));
  }

  /** A new register of `steps x size` floats. */
  value(size: number, steps: number | null): ValueId {
    if (steps === null) {
      throw new RangeError('a register of a whole window has a number of steps');
    }
    requireRoom(size * steps);
    return this.#values.push({ steps, size }) - 1;
  }

  /** A new register with the steps of another. */
  like(value: ValueId, size: number): ValueId {
    return this.value(size, this.stepsOf(value));
  }

  stepsOf(value: ValueId): number {
    return this.#values[value]?.steps ?? 0;
  }

  /** `size` floats of the scratch state of the operation that is added next. */
  remember(_layer: string, _role: StateTensor['role'], size: number): number {
    const offset = this.#scratchOfOp;
    this.#scratchOfOp += size;
    this.#scratchSize = Math.max(this.#scratchSize, this.#scratchOfOp);
    return offset;
  }

  add(op: StepOp): void {
    this.#scratchOfOp = 0;
    this.#ops.push({ kind: 'scan', op, reverse: this.#isReverse });
  }

  addWindowOp(op: Exclude<WindowOp, { kind: 'scan' }>): void {
    this.#ops.push(op);
  }

  /** What `build` adds runs from the last step to the first. */
  reversed<T>(build: () => T): T {
    this.#isReverse = true;
    try {
      return build();
    } finally {
      this.#isReverse = false;
    }
  }

  plan(outputs: readonly ValueId[]): WindowPlan {
    return { values: this.#values, ops: this.#ops, outputs, scratchSize: this.#scratchSize };
  }
}
