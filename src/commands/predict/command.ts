import { Command, InvalidArgumentError, Option } from 'commander';
import {
  engineOption,
  weightsOption,
  modeOption,
  numberPerAxis,
  strideOption,
  windowOption,
} from '../terminal/options.js';
import type { PredictOptions } from './action.js';

/** Parses `1,2,3`. */
function fieldIndices(text: string): number[] {
  const values = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : -1));
  if (values.includes(-1)) {
    throw new InvalidArgumentError('not whole numbers from 0, with commas');
  }
  return values;
}

/** `lstmd predict`: steps a model over the samples of a file, without a sensor or a broker. */
export function predictCommand(): Command {
  return new Command('predict')
    .description('Step a model over rows of samples: one line of outputs a sample, on stdout.')
    .argument('<model>', 'model file: .keras or .h5')
    .addOption(modeOption().makeOptionMandatory())
    .addOption(strideOption())
    .addOption(windowOption())
    .addOption(engineOption())
    .addOption(weightsOption())
    .requiredOption('--input <file>', 'CSV rows or JSON arrays, one sample a line; - is stdin')
    .addOption(
      new Option('--format <format>', 'json: an array a line, null where the model gives nothing')
        .choices(['json', 'csv'])
        .default('json'),
    )
    .addOption(
      new Option(
        '--outputs <part>',
        'of an output with a time axis: its last step, or the whole window (sliding), as an array of steps',
      )
        .choices(['last', 'whole'])
        .default('last'),
    )
    .addOption(
      new Option('--scale <number>', 'feature = (reading * scale - mean) / std')
        .argParser(numberPerAxis)
        .default(1),
    )
    .addOption(
      new Option('--mean <number>', 'one, or one an axis with commas')
        .argParser(numberPerAxis)
        .default(0),
    )
    .addOption(new Option('--std <number>', 'likewise').argParser(numberPerAxis).default(1))
    .addOption(
      new Option(
        '--axes <names>',
        "the features' names, with commas: a header is read by them",
      ).argParser((text) => text.split(',').map((name) => name.trim())),
    )
    .addOption(
      new Option('--columns <n>', 'the field of each feature, from 0, with commas').argParser(
        fieldIndices,
      ),
    )
    .option('--state-in <file>', 'begin from this state: .h5 (states_<layer>_<index>) or .state')
    .option('--state-out <file>', 'save the state after the last sample')
    .addHelpText(
      'after',
      `
In sliding mode the first line is for sample T, then one every stride samples.

Examples:
  lstmd predict model.keras --mode sliding --input window.csv
  lstmd predict autoencoder.keras --mode sliding --outputs whole --input window.csv
  lstmd simulate --output - --rows 260 | lstmd predict model.keras --mode continuous --scale 0.001 --input -`,
    )
    .action(async (model: string, options: PredictOptions) => {
      const { predict } = await import('./action.js');
      await predict(model, options);
    });
}
