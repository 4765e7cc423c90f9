import { Command, Option } from 'commander';
import { positiveInteger, positiveNumber } from './options.js';

export interface BenchKernelOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

export interface BenchAgentOptions {
  readonly seconds: number;
  readonly rateHz: number;
  readonly broker?: string;
  readonly json?: boolean;
}

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
      const { benchKernel } = await import('./bench/kernel-bench.js');
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
      const { benchAgent } = await import('./bench/agent-bench.js');
      await benchAgent(options);
    });
}

function secondsOption(what: string, seconds: number): Option {
  return new Option('--seconds <n>', what).argParser(positiveNumber).default(seconds);
}
