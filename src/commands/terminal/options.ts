import { InvalidArgumentError, Option } from 'commander';
import { longestTimerSeconds } from '../../base/longest-timer.js';
import { engineNames, type EngineName } from '../../engine/program/engine.js';
import { weightFormats, type WeightFormat } from '../../engine/program/weight-format.js';
import type { Mode } from '../../model/plan/stream-plan.js';

/** The values of the options that say how a model is stepped. */
export interface SteppingOptions {
  readonly mode: Mode;
  readonly stride?: number;
  readonly window?: number;
  readonly engine: 'auto' | EngineName;
  readonly weights?: WeightFormat;
}

export function modeOption(): Option {
  return new Option(
    '--mode <mode>',
    "continuous: the state lives until a reset; sequence: the model's T steps, then reset; sliding: the exact predict of the last T samples",
  ).choices(['continuous', 'sequence', 'sliding']);
}

export function strideOption(): Option {
  return new Option('--stride <n>', 'in sliding: an output every n samples (default: 1)').argParser(
    positiveInteger,
  );
}

export function windowOption(): Option {
  return new Option(
    '--window <T>',
    'steps of a window, for a model that takes any number',
  ).argParser(positiveInteger);
}

export function engineOption(): Option {
  return new Option(
    '--engine <engine>',
    'auto: native, or reference where no addon loads; tfjs: TensorFlow.js, where installed',
  )
    .choices(['auto', ...engineNames])
    .default('auto');
}

export function weightsOption(): Option {
  return new Option('--weights <format>', 'how large matrices are kept (default: f32)').choices(
    weightFormats,
  );
}

export function jsonOption(): Option {
  return new Option('--json', 'machine-readable, on stdout');
}

/** @param what says what lasts so long: `of measuring` */
export function secondsOption(what: string): Option {
  return new Option('--seconds <n>', what).argParser(timerSeconds);
}

export function configOption(what: string): Option {
  return new Option('-c, --config <file>', what);
}

export function stateDirectoryOption(): Option {
  return new Option(
    '--state-directory <dir>',
    'the state directory itself (default: $STATE_DIRECTORY, else ./state)',
  );
}

export function brokerOption(what: string): Option {
  return new Option('--broker <url>', what).argParser(brokerUrl);
}

/** The address of a broker, for commander. */
export function brokerUrl(text: string): string {
  if (!/^(mqtt|ws)s?:$/.test(URL.canParse(text) ? new URL(text).protocol : '')) {
    throw new InvalidArgumentError(
      'not mqtt://host[:port], mqtts://host[:port], ws://host[:port][/path] or wss://host[:port][/path]',
    );
  }
  return text;
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) {
    throw new InvalidArgumentError('not a positive integer');
  }
  return value;
}

/** Parses how long a timer is to run. */
function timerSeconds(text: string): number {
  const seconds = positiveNumber(text);
  if (seconds > longestTimerSeconds) {
    throw new InvalidArgumentError(`not more than ${longestTimerSeconds}`);
  }
  return seconds;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('not a positive number');
  }
  return value;
}

/** Parses `0.001`, which is for every axis, or `0.1,0.2,0.3`, which is one for each. */
export function numberPerAxis(text: string): number | number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!values.every(Number.isFinite)) {
    throw new InvalidArgumentError('not a number, or one an axis with commas');
  }
  return values.length === 1 ? (values[0] ?? 0) : values;
}
