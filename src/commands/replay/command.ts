import { Command, Option } from 'commander';
import { configOption, positiveNumber } from '../terminal/options.js';
import type { ReplayOptions } from './action.js';

/** `lstmd replay`: a recording through decoder, clock and model once more. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Send a recording through the same decoder, clock and model, bit for bit.')
    .argument('<file>', 'recording (.rec.gz)')
    .addOption(configOption('print what a stream of this configuration would publish'))
    .option('--stream <name>', 'the stream, where the configuration has several')
    .addOption(
      new Option(
        '--speed <factor>',
        'times real time; max is without waiting (default: 1 on a terminal with -c, else max)',
      ).argParser((text) => (text === 'max' ? Infinity : positiveNumber(text))),
    )
    .option('--check', 'only say whether the samples are the recorded ones, bit for bit')
    .addHelpText(
      'after',
      `
Without a configuration it prints the samples as CSV: time_ms, the axes, label. With one it prints a line of JSON for each
record that the stream would publish, as "lstmd run --once" does: with "topic", and with --stream the payload alone; on a
terminal it shows the live view. --check exits with 1 where a sample differs.

Examples:
  lstmd replay walk.rec.gz --check
  lstmd replay walk.rec.gz -c lstmd.yaml --speed 4`,
    )
    .action(async (file: string, options: ReplayOptions) => {
      const { replay } = await import('./action.js');
      await replay(file, options);
    });
}
