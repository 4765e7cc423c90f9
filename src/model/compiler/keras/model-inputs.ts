import { LstmdError } from '../../../base/errors.js';
import type { IndexFeature, ModelInput } from '../../plan/model-input.js';
import type { InputOptions } from '../../plan/input-options.js';
import type { PlanBuilder } from '../plan-builder.js';
import { product } from '../shape.js';
import type { Topology } from './graph/topology.js';
import type { InputsOfModel } from './layer-builder/layer-context.js';
import { plainValue } from './layer-builder/plain-value.js';

/** An input as its layer has it: its shape without the batch, null where a size may be any. */
interface DeclaredInput {
  readonly name: string;
  /** The name in a dict of inputs, where it is another. */
  readonly key: string;
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
        const input = find('constants', fixed, name);
        checkConstant(input, numbers);
        return [input.name, numbers];
      }),
    );
    this.sequences = inputs === undefined ? inOrder(sequences) : mapped(sequences, inputs);
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

/** The features of a sample in the order of the inputs. */
function inOrder(inputs: readonly DeclaredInput[]): ModelInput[] {
  let next = 0;
  return inputs.map(({ name, shape }) => {
    const features = Array.from({ length: shape[1] ?? 0 }, (_, i) => next + i);
    next += features.length;
    return { name, features };
  });
}

function mapped(
  inputs: readonly DeclaredInput[],
  given: Readonly<Record<string, readonly number[]>>,
): ModelInput[] {
  const features = new Map(
    Object.entries(given).map(([name, indices]) => {
      const input = find('inputs', inputs, name);
      const width = input.shape.length === 1 ? 1 : (input.shape[1] ?? 0);
      if (indices.length !== width) {
        throw wrong(
          `inputs: "${name}" takes ${width} ${width === 1 ? 'feature' : 'features'}, not ${indices.length}`,
        );
      }
      return [input.name, indices] as const;
    }),
  );
  const missing = inputs.find(({ name }) => !features.has(name));
  if (missing !== undefined) {
    throw wrong(`inputs: "${missing.key}" has no features; it takes ${missing.shape[1] ?? 0}`);
  }
  const used = new Set([...features.values()].flat());
  const count = 1 + Math.max(-1, ...used);
  const unused = Array.from({ length: count }, (_, i) => i).find((feature) => !used.has(feature));
  if (
    unused !== undefined ||
    [...used].some((feature) => !Number.isSafeInteger(feature) || feature < 0)
  ) {
    throw wrong(`inputs: no input takes feature ${unused ?? 'of such an index'}`);
  }
  return inputs.map(({ name }) => ({ name, features: features.get(name) ?? [] }));
}

function find(option: string, inputs: readonly DeclaredInput[], name: string): DeclaredInput {
  const found =
    inputs.find((input) => input.key === name) ?? inputs.find((input) => input.name === name);
  if (found === undefined) {
    const kind = option === 'inputs' ? 'with a time axis' : 'without a time axis';
    const names = inputs.map(({ key }) => key).join(', ');
    throw wrong(
      `${option}: "${name}" is no input of the model ${kind}: ${names === '' ? 'there is none' : names}`,
    );
  }
  return found;
}

function checkConstant({ key, shape }: DeclaredInput, numbers: readonly number[]): void {
  const size = product(shape.map((each) => each ?? numbers.length));
  if (numbers.length !== size || !numbers.every((number) => Number.isFinite(Math.fround(number)))) {
    throw wrong(`constants: "${key}" takes ${size} numbers, not [${numbers.join(', ')}]`);
  }
}

function wrong(message: string): LstmdError {
  return new LstmdError('usage.invalid', message);
}
