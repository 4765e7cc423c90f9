import { Command } from 'commander';
import { jsonOption, secondsOption } from '../../terminal/options.js';
import type { BenchDecodersOptions } from './action.js';

/** `lstmd bench decoders`: how fast a sensor's bytes become rows. */
export function benchDecodersCommand(): Command {
  return new Command('decoders')
    .description('Time every decoder on bytes of the simulated sensor: MB and rows a second.')
    .addOption(secondsOption('of measuring, for each decoder').default(2))
    .addOption(jsonOption())
    .action(async (options: BenchDecodersOptions) => {
      const { benchDecoders } = await import('./action.js');
      benchDecoders(options);
    });
}
