import { Command, Option } from 'commander';
import { featureOptions } from '../terminal/feature-options.js';
import {
  engineOption,
  weightsOption,
  modeOption,
  strideOption,
  windowOption,
} from '../terminal/options.js';
import type { PredictOptions } from './action.js';

/** `lstmd predict`: steps a model over the samples of a file, without a sensor or a broker. */
export function predictCommand(): Command {
  const command = new Command('predict')
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
    );
  for (const option of featureOptions()) {
    command.addOption(option);
  }
  return command
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
