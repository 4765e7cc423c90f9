import type { MergeOp, ReduceOp, StepOp, ValueId } from '../../plan/step-op.js';
import type { Activation } from '../../plan/stream-plan.js';
import type { PlanBuilder } from '../plan-builder.js';

/** Steps of `size` floats, step by step or of a whole window, and arithmetic with each by itself. */
export class Rows {
  readonly value: ValueId;
  readonly size: number;
  readonly #builder: PlanBuilder;
  readonly #layer: string;

  constructor(builder: PlanBuilder, layer: string, value: ValueId, size: number) {
    this.#builder = builder;
    this.#layer = layer;
    this.value = value;
    this.size = size;
  }

  /** The sum (or the like) of each row. */
  reduce(operation: ReduceOp['operation']): Rows {
    return this.#add(1, (fields) => ({ ...fields, kind: 'reduce', operation }));
  }

  /** Rows of the floats at `indices`, of zeros where an index is -1. */
  gather(indices: Int32Array): Rows {
    return this.#add(indices.length, (fields) => ({ ...fields, kind: 'gather', indices }));
  }

  activate(activation: Activation): Rows {
    return this.#add(this.size, (fields) => ({ ...fields, kind: 'activation', activation }));
  }

  /** `x * scale + shift`, with one number for each float of a row or one for all. */
  affine(scale: Float32Array | number, shift: Float32Array | number): Rows {
    const each = (numbers: Float32Array | number): Float32Array =>
      typeof numbers === 'number' ? new Float32Array(this.size).fill(numbers) : numbers;
    return this.#add(this.size, (fields) => ({
      ...fields,
      kind: 'affine',
      scale: each(scale),
      shift: each(shift),
    }));
  }

  /** `(x - mean) / sqrt(variance + epsilon) * gamma + beta` of each row. */
  normalize(epsilon: number, gamma: Float32Array | null, beta: Float32Array | null): Rows {
    return this.#add(this.size, (fields) => ({
      ...fields,
      kind: 'layerNorm',
      epsilon,
      gamma,
      beta,
    }));
  }

  /** Rows of `size` floats that all are the one float of this row; rows of that size as they are. */
  broadcast(size: number): Rows {
    return this.size === size ? this : this.gather(new Int32Array(size));
  }

  /** Combines rows float by float; rows of one float are repeated. */
  merge(operation: MergeOp['operation'], other: Rows): Rows {
    const size = Math.max(this.size, other.size);
    const inputs = [this.broadcast(size).value, other.broadcast(size).value];
    const [input = this.value] = inputs;
    const output = this.#builder.valueLike(input, size);
    this.#builder.add({ kind: 'merge', layer: this.#layer, input, inputs, output, operation });
    return this.#of(output, size);
  }

  #add(
    size: number,
    operation: (fields: Pick<StepOp, 'layer' | 'input' | 'output'>) => StepOp,
  ): Rows {
    const output = this.#builder.valueLike(this.value, size);
    this.#builder.add(operation({ layer: this.#layer, input: this.value, output }));
    return this.#of(output, size);
  }

  #of(value: ValueId, size: number): Rows {
    return new Rows(this.#builder, this.#layer, value, size);
  }
}
