import { Command, Option } from 'commander';
import { positiveInteger, positiveNumber } from '../terminal/options.js';
import type { BenchKernelOptions } from './kernel-action.js';
import type { BenchAgentOptions } from './agent-action.js';

/** `lstmd bench`: how fast this machine is. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('Measure the speed of this machine: of the kernel, or of the whole agent.')
    .addCommand(benchKernelCommand())
    .addCommand(benchAgentCommand());
}

function benchKernelCommand(): Command {
  return new Command('kernel')
    .description('Time a step of the seed model and of single LSTM layers, on every SIMD target.')
    .addOption(secondsOption('of measuring', 20))
    .option('--json', 'machine-readable, on stdout')
    .addHelpText(
      'after',
      `
All are measured in turn, round by round, so that a drifting clock hits all alike: compare ratios.
With onnxruntime-node, @tensorflow/tfjs or tfjs-node installed, they run the same model.`,
    )
    .action(async (options: BenchKernelOptions) => {
      const { benchKernel } = await import('./kernel-action.js');
      await benchKernel(options);
    });
}

function benchAgentCommand(): Command {
  return new Command('agent')
    .description('Time the whole way: a pseudo-terminal, lstmd run, a broker, a subscriber.')
    .addOption(secondsOption('of measuring at the rate, after the closed loop', 30))
    .addOption(
      new Option('--rate-hz <n>', 'samples a second').argParser(positiveInteger).default(100),
    )
    .option('--broker <url>', 'mqtt://host[:port] (default: an embedded one, in its own process)')
    .option('--json', 'machine-readable, on stdout')
    .action(async (options: BenchAgentOptions) => {
      const { benchAgent } = await import('./agent-action.js');
      await benchAgent(options);
    });
}

function secondsOption(what: string, seconds: number): Option {
  return new Option('--seconds <n>', what).argParser(positiveNumber).default(seconds);
}
