import { Command, Option } from 'commander';
import { LstmdError } from '../../base/errors.js';
import { constantOption, feedOption, modelAxesOption } from '../terminal/input-flags.js';
import { featureOptions, namesOf } from '../terminal/feature-options.js';
import {
  engineOption,
  weightsOption,
  modeOption,
  positiveInteger,
  positiveNumber,
  strideOption,
  windowOption,
} from '../terminal/options.js';
import { trialOptions } from '../terminal/trial-options.js';
import type { PredictOptions } from './action.js';
import type { LiveOptions } from './live.js';

/** `lstmd predict`: steps a model over the samples of a file, without a sensor or a broker. */
export function predictCommand(): Command {
  const command = new Command('predict')
    .description('Step a model over rows of samples: one line of outputs a sample, on stdout.')
    .argument('<model>', 'model file: .keras, .h5 or .onnx, or a folder of TensorFlow.js')
    .addOption(modeOption().makeOptionMandatory())
    .addOption(strideOption())
    .addOption(windowOption())
    .addOption(engineOption())
    .addOption(weightsOption())
    .addOption(feedOption())
    .addOption(constantOption())
    .addOption(modelAxesOption())
    .option('--input <file>', 'CSV rows or JSON arrays, one sample a line; - is stdin')
    .option('--live <port>', 'a sensor in place of --input: a tty, or any address of sensor.link')
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
  for (const option of liveOptions()) {
    command.addOption(option);
  }
  return command
    .option('--state-in <file>', 'begin from this state: .h5 (states_<layer>_<index>) or .state')
    .option(
      '--state-out <file>',
      'save the state after the last sample: .state, as the daemon does, or .h5 for h5py',
    )
    .addHelpText(
      'after',
      `
With --live it does what "lstmd run --once" does, without a configuration: a live view on a terminal, else a line of JSON
for each record that a stream of that sensor would publish, until Ctrl-C, --seconds or --samples.

In sliding mode the first line is for sample T, then one every stride samples.

Examples:
  lstmd predict model.keras --mode sliding --input window.csv
  lstmd predict autoencoder.keras --mode sliding --outputs whole --input window.csv
  lstmd simulate --output - --rows 260 | lstmd predict model.keras --mode continuous --scale 0.001 --input -
  lstmd predict model.keras --live /dev/ttyUSB0 --mode continuous --rate-hz 26 --scale 0.001 --seconds 10`,
    )
    .action(async (model: string, options: CommandOptions) => {
      const { input, live } = options;
      if (live === undefined && input !== undefined) {
        const { predict } = await import('./action.js');
        await predict(model, { ...options, input });
      } else if (live !== undefined && input === undefined) {
        const { predictLive } = await import('./live.js');
        await predictLive(model, { ...options, live });
      } else {
        throw new LstmdError(
          'usage.invalid',
          'predict needs either --input FILE (- is stdin) or --live PORT',
        );
      }
    });
}

/** The options as they are given: of a file, of a sensor, or what fits neither. */
interface CommandOptions extends Omit<PredictOptions, 'input'>, Omit<LiveOptions, 'live'> {
  readonly input?: string;
  readonly live?: string;
}

/** Returns what a configuration would say of a sensor. */
function liveOptions(): Option[] {
  return [
    new Option('--rate-hz <hz>', 'with --live: nominal samples a second').argParser(positiveNumber),
    new Option('--decoder <name>', 'with --live: what the bytes mean (default: csv)'),
    new Option('--baud-rate <n>', 'with --live: of a serial port (default: 115200)').argParser(
      positiveInteger,
    ),
    new Option('--units <unit>', "with --live: of the sensor's readings, such as mg"),
    new Option('--model-units <unit>', 'with --live: that the model was trained on, such as g'),
    new Option(
      '--labels <names>',
      "with --live: names of the model's outputs, with commas",
    ).argParser(namesOf),
    ...trialOptions('with --live: '),
  ];
}
