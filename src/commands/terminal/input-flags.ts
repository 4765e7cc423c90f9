import { InvalidArgumentError, Option } from 'commander';
import { areInputAxes, inputAxisNames, type InputAxis } from '../../model/plan/input-options.js';
import { namesOf } from './feature-options.js';

/** The values of `--feed`, `--constant` and `--model-axes`. */
export interface InputFlags {
  readonly feed?: Readonly<Record<string, readonly string[]>>;
  readonly constant?: Readonly<Record<string, readonly number[]>>;
  readonly modelAxes?: readonly InputAxis[];
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
    'axes (of --axes, else counted from 1) that flow into an input of the model; for each; default: in the order of the inputs; an ONNX model of several needs it',
  ).argParser((text: string, before: InputFlags['feed']) => {
    const [name, value] = halves(text, 'INPUT=AXES, such as gyro=gx,gy,gz');
    return { ...before, [name]: namesOf(value) };
  });
}

/** `--model-axes`, for an ONNX model of which nothing in the file tells them. */
export function modelAxesOption(): Option {
  return new Option(
    '--model-axes <axes>',
    'the axes of the input of an ONNX model, in order, where nothing in the file tells: batch,time,features',
  ).argParser((text: string): readonly InputAxis[] => {
    const axes = namesOf(text);
    if (!areInputAxes(axes)) {
      throw new InvalidArgumentError(
        `not each once of ${inputAxisNames.join(', ')}, with time or features among them`,
      );
    }
    return axes;
  });
}

function halves(text: string, form: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at <= 0 || at === text.length - 1) {
    throw new InvalidArgumentError(`not ${form}`);
  }
  return [text.slice(0, at), text.slice(at + 1)];
}
