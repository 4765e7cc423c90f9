import type { StateTensor, StepOp, ValueId } from '#src/model/plan/stream-plan.js';
import { Draw } from './draw.js';

/** A value with the ages in a window at which it is fresh; null where a mask decides. */
export interface DraftValue {
  readonly id: ValueId;
  readonly size: number;
  readonly ages: readonly number[] | null;
}

/** A random plan that is being made. */
export class PlanDraft {
  readonly draw: Draw;
  readonly window: number;
  readonly values: DraftValue[] = [];
  readonly masks: DraftValue[] = [];
  readonly ops: StepOp[] = [];
  readonly state: StateTensor[] = [];
  stateSize = 0;
  /**
   * True when an operation takes values that are fresh at different ages, or another's state: a window plan cannot
   * express it.
   */
  isMixed = false;

  constructor(seed: number) {
    this.draw = new Draw(seed);
    this.window = this.draw.whole(2, 12);
    const ages = Array.from({ length: this.window }, (_, age) => age);
    this.value(this.draw.whole(1, 6), ages);
  }

  get layer(): string {
    return `op_${this.ops.length}`;
  }

  /** All values except masks. */
  get operands(): readonly DraftValue[] {
    return this.values.filter((value) => !this.masks.includes(value));
  }

  value(size: number, ages: readonly number[] | null): DraftValue {
    const value = { id: this.values.length, size, ages };
    this.values.push(value);
    return value;
  }

  /** Offset of a new tensor in a lane. */
  tensor(role: StateTensor['role'], size: number): number {
    const offset = this.stateSize;
    this.state.push({ layer: this.layer, layerIndex: 0, role, offset, size });
    this.stateSize += size;
    return offset;
  }

  /** Weights for sums of `inputs` products, small enough for the sums to stay near 1. */
  weights(count: number, inputs: number): Float32Array {
    return this.draw.floats(count, 1.2 / Math.sqrt(inputs));
  }

  bias(size: number): Float32Array | null {
    return this.draw.chance(0.8) ? this.draw.floats(size, 0.4) : null;
  }

  size(): number {
    return this.draw.chance(0.2) ? this.draw.whole(9, 20) : this.draw.whole(1, 8);
  }

  maskFor(value: DraftValue): ValueId | null {
    const masks = this.masks.filter((mask) => haveSameAges(mask, value));
    return masks.length > 0 && this.draw.chance(0.8) ? this.draw.one(masks).id : null;
  }
}

/** Returns whether both are fresh at the same ages; false where a mask decides. */
export function haveSameAges(a: DraftValue, b: DraftValue): boolean {
  return a.ages !== null && a.ages.join() === b.ages?.join();
}
