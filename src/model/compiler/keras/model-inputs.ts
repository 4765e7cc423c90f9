import type { IndexFeature, ModelInput } from '../../plan/model-input.js';
import type { InputOptions } from '../../plan/input-options.js';
import type { PlanBuilder } from '../plan-builder.js';
import { product } from '../shape.js';
import {
  checkConstant,
  findInput,
  inputsInOrder,
  mappedInputs,
  type FedInput,
  type NamedInput,
} from '../fed-inputs.js';
import type { Topology } from './graph/topology.js';
import type { InputsOfModel } from './layer-builder/layer-context.js';
import { plainValue } from './layer-builder/plain-value.js';

/** An input as its layer has it: its shape without the batch, null where a size may be any. */
interface DeclaredInput extends NamedInput {
  readonly shape: readonly (number | null)[];
}

/** The inputs of a model: which features of a sample flow into each, and which are constants. */
export class ModelInputs implements InputsOfModel {
  /** Those with a time axis, in the order of the model. */
  readonly sequences: readonly ModelInput[];
  readonly #declared: readonly DeclaredInput[];
  readonly #indices = new Map<number, number>();
  #isRecording = true;
  readonly #constants: ReadonlyMap<string, readonly number[]>;

  /** @throws LstmdError `usage.invalid` for an input that the model does not have, or that does not fit */
  constructor(topology: Topology, { inputs, constants = {} }: InputOptions) {
    this.#declared = topology.inputs.map((name) => ({
      name,
      key: topology.inputKeys?.get(name) ?? name,
      shape: shapeIn(topology, name),
    }));
    // An input (steps) has no axis of features: it is one feature where the caller says so, else a constant.
    const isFed = (input: DeclaredInput): boolean =>
      isSequence(input) ||
      (input.shape.length === 1 &&
        [input.key, input.name].some((name) => inputs?.[name] !== undefined));
    const sequences = this.#declared.filter(isFed);
    const fixed = this.#declared.filter((input) => !isFed(input));
    this.#constants = new Map(
      Object.entries(constants).map(([name, numbers]) => {
        const input = findInput('constants', fixed, name);
        const sizes = input.shape.map((size) => size ?? numbers.length);
        checkConstant(input, numbers, product(sizes));
        return [input.name, numbers];
      }),
    );
    const widths = sequences.map(fed);
    this.sequences = inputs === undefined ? inputsInOrder(widths) : mappedInputs(widths, inputs);
  }

  /** Declares the sample and its window: value 0 of the plan. */
  open(builder: PlanBuilder): void {
    let steps: number | null = null;
    for (const { name } of this.sequences) {
      steps = builder.declareInput(
        name,
        this.#declared.find((one) => one.name === name)?.shape[0] ?? null,
      );
    }
    const indices = this.sequences.flatMap(({ features }) => features);
    if (indices.length > 0) {
      builder.value(1 + Math.max(...indices), steps);
    }
  }

  /** True when the whole sample is the only input with a time axis, as it is. */
  get isWholeSample(): boolean {
    const [only, ...others] = this.sequences;
    return others.length === 0 && only?.features.every((feature, i) => feature === i) === true;
  }

  /** The features that flow into an input; undefined for one without a time axis. */
  featuresOf(name: string): readonly number[] | undefined {
    return this.sequences.find((input) => input.name === name)?.features;
  }

  /**
   * Requires a feature to be a whole number from 0, as an Embedding does: other samples are refused.
   *
   * @param below the first number that is too large
   */
  requireIndex(feature: number, below: number): void {
    if (this.#isRecording) {
      this.#indices.set(feature, Math.min(below, this.#indices.get(feature) ?? Infinity));
    }
  }

  /** Runs a walk whose operations are thrown away, and what it requires with them. */
  withoutRequirements<T>(build: () => T): T {
    this.#isRecording = false;
    try {
      return build();
    } finally {
      this.#isRecording = true;
    }
  }

  /** The features that must be whole numbers, and the first that is too large for each. */
  get indexFeatures(): readonly IndexFeature[] {
    return [...this.#indices].map(([feature, below]) => ({ feature, below }));
  }

  /** The numbers of an input without a time axis, and its shape; undefined where they are not given. */
  constantOf(name: string) {
    const numbers = this.#constants.get(name);
    const shape = this.#declared.find((input) => input.name === name)?.shape ?? [];
    return numbers === undefined
      ? undefined
      : { numbers: Float32Array.from(numbers), shape: shape.map((size) => size ?? numbers.length) };
  }
}

function isSequence({ shape }: DeclaredInput): boolean {
  return shape.length === 2 && shape[1] !== null;
}

function shapeIn({ layers }: Topology, name: string): (number | null)[] {
  const config = layers.find((layer) => layer.name === name)?.config ?? {};
  const dimensions = plainValue(config['batch_shape'] ?? config['batch_input_shape']);
  const list: readonly unknown[] = Array.isArray(dimensions) ? dimensions.slice(1) : [];
  return list.map((size) =>
    typeof size === 'number' && Number.isSafeInteger(size) && size >= 1 ? size : null,
  );
}

function fed(input: DeclaredInput): FedInput {
  const { name, key, shape } = input;
  return { name, key, width: shape.length === 1 ? 1 : (shape[1] ?? 0) };
}
