import { Command } from 'commander';
import { jsonOption, secondsOption } from '../../terminal/options.js';
import type { BenchKernelOptions } from './action.js';

/** `lstmd bench kernel`: how long a step takes on this machine. */
export function benchKernelCommand(): Command {
  return new Command('kernel')
    .description('Time a step of the seed model and of single LSTM layers, on every SIMD target.')
    .addOption(secondsOption('of measuring').default(20))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nAll are measured in turn, round by round, so that a drifting clock hits all alike: compare ratios.',
    )
    .action(async (options: BenchKernelOptions) => {
      const { benchKernel } = await import('./action.js');
      await benchKernel(options);
    });
}
