import { constants } from 'node:os';
import { Command, Option } from 'commander';
import { jsonOption, positiveInteger, secondsOption } from '#src/commands/terminal/options.js';
import type { CompareBrokersOptions } from './agent/compare-brokers.js';
import type { ComparePeersOptions } from './agent/compare-peers.js';
import type { CheckRatiosOptions } from './check/check-ratios.js';
import type { MeasureStreamsOptions } from './streams/measure-streams.js';

// `npm run bench -- NAME`: comparisons with other programs, run from a clone. What needs no other
// program is `lstmd bench`.

// At an exit the brokers and programs that were started are ended, which a signal by itself would leave.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}

const program = new Command('npm run bench --').description(
  'Compare lstmd with other libraries, brokers and readers on this machine.',
);

program
  .command('kernel')
  .description('Step the seed model in every engine and in other libraries that are installed.')
  .addOption(secondsOption('of measuring').default(20))
  .addOption(jsonOption())
  .addHelpText(
    'after',
    '\nPeers: @tensorflow/tfjs is here; npm install --no-save onnxruntime-node @tensorflow/tfjs-node brings the others.',
  )
  .action(async (options: { readonly seconds: number; readonly json?: boolean }) => {
    const { compareKernels } = await import('./kernel/compare-kernels.js');
    await compareKernels(options);
  });

program
  .command('agent')
  .description(
    'Time lstmd from the tty to a subscriber, beside the scripts that do it without a model.',
  )
  .option('--rounds <n>', 'how often each is measured, in turn', positiveInteger, 3)
  .addOption(secondsOption('of measuring at the rate, in each round').default(10))
  .option('--rate-hz <n>', 'samples a second', positiveInteger, 100)
  .option('--load', 'lstmd alone instead, where a sensor sends as fast as it is read')
  .addOption(jsonOption())
  .action(async (options: ComparePeersOptions & { readonly load?: boolean }) => {
    if (options.load === true) {
      const { measureLoad } = await import('./agent/measure-load.js');
      await measureLoad(options);
    } else {
      const { comparePeers } = await import('./agent/compare-peers.js');
      await comparePeers(options);
    }
  });

program
  .command('brokers')
  .description('Time the agent from the tty to a subscriber, on every broker that is installed.')
  .addOption(secondsOption('of measuring at the rate, for each broker').default(30))
  .option('--rate-hz <n>', 'samples a second', positiveInteger, 100)
  .addOption(jsonOption())
  .action(async (options: CompareBrokersOptions) => {
    const { compareBrokers } = await import('./agent/compare-brokers.js');
    await compareBrokers(options);
  });

program
  .command('tty')
  .description('CPU and latency of reading a tty, beside the stream of the serialport package.')
  .option('--rounds <n>', 'how often each is measured', positiveInteger, 3)
  .action(async ({ rounds }: { readonly rounds: number }) => {
    const { compareReaders } = await import('./tty/compare-readers.js');
    await compareReaders(rounds);
  });

program
  .command('streams')
  .description('CPU and latency of a sample where many devices send theirs to one daemon.')
  .option('--streams <n>', 'devices', positiveInteger, 1000)
  .option('--rate-hz <n>', 'samples a second of each', positiveInteger, 25)
  .option('--every <n>', 'every n-th prediction of a stream is published', positiveInteger, 25)
  .addOption(
    new Option('--over <link>', 'devices at a broker, or each on a tty of its own')
      .choices(['mqtt', 'tty'])
      .default('mqtt'),
  )
  .option('--spread', 'devices send one after the other, in place of all at once')
  .option('--model <file>', 'a model of three features')
  .addOption(secondsOption('of samples').default(10))
  .addOption(jsonOption())
  .action(async (options: MeasureStreamsOptions) => {
    const { measureStreams } = await import('./streams/measure-streams.js');
    await measureStreams(options);
  });

program
  .command('check')
  .description('Compare ratios with those that the repository keeps: exit 1 where one is worse.')
  .option('--rounds <n>', 'how often each is measured', positiveInteger, 7)
  .addOption(secondsOption('of each measurement in a round').default(4))
  .option('--ratios <file>', 'the ratios that are kept', 'bench/check/ratios.json')
  .option('--kernel', 'only the kernel, without the agent and its peer')
  .option('--update', 'keep what is measured, in place of comparing it')
  .action(async (options: CheckRatiosOptions) => {
    const { checkRatios } = await import('./check/check-ratios.js');
    await checkRatios(options);
  });

await program.parseAsync();
