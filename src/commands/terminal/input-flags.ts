import { InvalidArgumentError, Option } from 'commander';
import { featureIndices } from '../../agent/input-options.js';
import { LstmdError } from '../../base/errors.js';
import type { InputOptions } from '../../model/compiler/input-options.js';
import { namesOf } from './feature-options.js';

/** The values of `--feed` and `--constant`. */
export interface InputFlags {
  readonly feed?: Readonly<Record<string, readonly string[]>>;
  readonly constant?: Readonly<Record<string, readonly number[]>>;
}

/** `--constant`, which may be given for each input without a time axis. */
export function constantOption(): Option {
  return new Option(
    '--constant <input=numbers>',
    'numbers of an input of the model that has no time axis, with commas; for each such input',
  ).argParser((text: string, before: InputFlags['constant']) => {
    const [name, value] = halves(text, 'INPUT=NUMBERS, such as machine=3');
    const numbers = value
      .split(',')
      .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (!numbers.every(Number.isFinite)) {
      throw new InvalidArgumentError('not numbers with commas between');
    }
    return { ...before, [name]: numbers };
  });
}

/** `--feed`, for each input of a model that has several with a time axis. */
export function feedOption(): Option {
  return new Option(
    '--feed <input=axes>',
    'axes (of --axes, else counted from 1) that flow into an input of the model; for each; default: in the order of the inputs',
  ).argParser((text: string, before: InputFlags['feed']) => {
    const [name, value] = halves(text, 'INPUT=AXES, such as gyro=gx,gy,gz');
    return { ...before, [name]: namesOf(value) };
  });
}

function halves(text: string, form: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at <= 0 || at === text.length - 1) {
    throw new InvalidArgumentError(`not ${form}`);
  }
  return [text.slice(0, at), text.slice(at + 1)];
}

/**
 * What the flags say of a model's inputs.
 *
 * @param axes names of the features; undefined where they are counted
 * @throws LstmdError `usage.invalid` for an axis that is none
 */
export function inputOptionsOf(
  { feed, constant }: InputFlags,
  axes: readonly string[] | undefined,
): InputOptions {
  if (feed === undefined) {
    return { constants: constant };
  }
  const count = Math.max(...Object.values(feed).flat().map(Number));
  const names =
    axes ??
    Array.from({ length: Number.isSafeInteger(count) ? count : 0 }, (_, i) => String(i + 1));
  try {
    return { inputs: featureIndices(feed, names), constants: constant };
  } catch (cause) {
    if (!(cause instanceof LstmdError)) {
      throw cause;
    }
    const message = cause.message
      .replace('model.inputs', '--feed')
      .replace('sensor.axes', '--axes');
    throw new LstmdError('usage.invalid', message, { cause });
  }
}
