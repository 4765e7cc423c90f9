import { Command, Option } from 'commander';
import { namesOf } from '../terminal/feature-options.js';
import { configOption, positiveInteger, secondsOption } from '../terminal/options.js';
import type { RecordOptions } from './action.js';
import { exportCommand } from './export/command.js';

/** `lstmd record`: what a sensor sends, with labels, in a file. */
export function recordCommand(): Command {
  return new Command('record')
    .description(
      'Record what a sensor sends: its bytes with their times, the samples in them, and labels.',
    )
    .addOption(configOption('configuration (YAML) that names the sensor').default('lstmd.yaml'))
    .option('--stream <name>', 'the stream, where the configuration has several')
    .option('-o, --output <file>', 'new file (default: <stream>-<date>-<time>.rec.gz)')
    .option('--label <label>', 'the label at first (default: none)')
    .addOption(
      new Option(
        '--labels <names>',
        "labels of the keys 1 to 9, with commas (default: the model's); key 0 is none",
      ).argParser(namesOf),
    )
    .addOption(secondsOption('end after so long'))
    .addOption(
      new Option('--samples <n>', 'end with the read that brings so many').argParser(
        positiveInteger,
      ),
    )
    .addCommand(exportCommand())
    .addHelpText(
      'after',
      `
Neither broker nor state nor lock is needed, but a port has one reader: stop a daemon that reads it. Readings are recorded as
the sensor gives them, before units and features. After a kill the file can be read up to its last second.

Examples:
  lstmd record -c lstmd.yaml --labels stand,walk,run -o walk.rec.gz
  lstmd record -c lstmd.yaml --label running --seconds 60
  lstmd record export walk.rec.gz -o walk.csv
  lstmd replay walk.rec.gz -c lstmd.yaml`,
    )
    .action(async (options: RecordOptions) => {
      const { record } = await import('./action.js');
      await record(options);
    });
}
