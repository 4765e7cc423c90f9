import { LstmdError } from '../../base/errors.js';
import type { ModelInput } from '../plan/model-input.js';

/** An input of a model by the names that options may call it. */
export interface NamedInput {
  readonly name: string;
  /** The name that messages give it, where it is another. */
  readonly key: string;
}

/** An input that samples flow into. */
export interface FedInput extends NamedInput {
  /** Features of a sample that it takes. */
  readonly width: number;
}

/** The features of a sample in the order of the inputs. */
export function inputsInOrder(inputs: readonly FedInput[]): ModelInput[] {
  let next = 0;
  return inputs.map(({ name, width }) => {
    const features = Array.from({ length: width }, (_, i) => next + i);
    next += width;
    return { name, features };
  });
}

/**
 * The features of a sample as the option `inputs` has them flow.
 *
 * @throws LstmdError `usage.invalid` for an input or a number of features that is not the model's
 */
export function mappedInputs(
  inputs: readonly FedInput[],
  given: Readonly<Record<string, readonly number[]>>,
): ModelInput[] {
  const features = new Map(
    Object.entries(given).map(([name, indices]) => {
      const { name: own, width } = findInput('inputs', inputs, name);
      if (indices.length !== width) {
        throw wrongInput(
          'inputs',
          `"${name}" takes ${width} ${width === 1 ? 'feature' : 'features'}, not ${indices.length}`,
        );
      }
      return [own, indices] as const;
    }),
  );
  const missing = inputs.find(({ name }) => !features.has(name));
  if (missing !== undefined) {
    throw wrongInput('inputs', `"${missing.key}" has no features; it takes ${missing.width}`);
  }
  const used = new Set([...features.values()].flat());
  const count = 1 + Math.max(-1, ...used);
  const unused = Array.from({ length: count }, (_, i) => i).find((feature) => !used.has(feature));
  if (
    unused !== undefined ||
    [...used].some((feature) => !Number.isSafeInteger(feature) || feature < 0)
  ) {
    throw wrongInput('inputs', `no input takes feature ${unused ?? 'of such an index'}`);
  }
  return inputs.map(({ name }) => ({ name, features: features.get(name) ?? [] }));
}

/**
 * The input of a name.
 *
 * @param option `inputs`, of those with a time axis, or `constants`, of the others
 * @throws LstmdError `usage.invalid` where there is none
 */
export function findInput<Input extends NamedInput>(
  option: 'inputs' | 'constants',
  inputs: readonly Input[],
  name: string,
): Input {
  const found =
    inputs.find((input) => input.key === name) ?? inputs.find((input) => input.name === name);
  if (found === undefined) {
    const kind = option === 'inputs' ? 'with a time axis' : 'without a time axis';
    const names = inputs.map(({ key }) => key).join(', ');
    throw wrongInput(
      option,
      `"${name}" is no input of the model ${kind}: ${names === '' ? 'there is none' : names}`,
    );
  }
  return found;
}

/** @throws LstmdError `usage.invalid` for another count of numbers than an input takes, or one beyond float32 */
export function checkConstant(
  { key }: NamedInput,
  numbers: readonly number[],
  count: number,
): void {
  if (
    numbers.length !== count ||
    !numbers.every((number) => Number.isFinite(Math.fround(number)))
  ) {
    throw wrongInput('constants', `"${key}" takes ${count} numbers, not [${numbers.join(', ')}]`);
  }
}

/** The error for an option of a model's inputs (`InputOptions`) that does not fit the model, by the option's name. */
export function wrongInput(option: 'inputs' | 'constants' | 'axes', message: string): LstmdError {
  return new LstmdError('usage.invalid', message, { at: [option] });
}
