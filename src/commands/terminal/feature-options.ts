import { InvalidArgumentError, Option } from 'commander';
import { numberPerAxis } from './options.js';

/** The values of the options that say how a file's rows become features. */
export interface FeatureFlags {
  readonly scale?: number | number[];
  readonly mean?: number | number[];
  readonly std?: number | number[];
  readonly axes?: string[];
  readonly columns?: number[];
  readonly decimal?: 'auto' | 'point';
}

/** `--scale`, `--mean`, `--std`, `--axes`, `--columns` and `--decimal`. */
export function featureOptions(): Option[] {
  return [
    new Option('--scale <number>', 'feature = (reading * scale - mean) / std').argParser(
      numberPerAxis,
    ),
    new Option('--mean <number>', 'one, or one an axis with commas').argParser(numberPerAxis),
    new Option('--std <number>', 'likewise').argParser(numberPerAxis),
    new Option(
      '--axes <names>',
      "the features' names, with commas: a header is read by them",
    ).argParser(namesOf),
    new Option('--columns <n>', 'the field of each feature, from 0, with commas').argParser(
      fieldIndices,
    ),
    new Option(
      '--decimal <mark>',
      'point: with --columns, each comma separates; auto: a row that may have decimal commas is refused',
    ).choices(['auto', 'point']),
  ];
}

/** Parses `x,y,z`. */
export function namesOf(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

/** Parses `1,2,3`. */
function fieldIndices(text: string): number[] {
  const values = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : -1));
  if (values.includes(-1)) {
    throw new InvalidArgumentError('not whole numbers from 0, with commas');
  }
  return values;
}
