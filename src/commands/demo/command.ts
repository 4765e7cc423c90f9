import { Command, Option } from 'commander';
import { positiveInteger, positiveNumber } from '../terminal/options.js';
import type { DemoOptions } from './action.js';

/** `lstmd demo`: sensor, broker and agent in one process, with a live view. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'A simulated sensor on a real pseudo-terminal, a broker, the real agent, and a live view.',
    )
    .option('--state-directory <dir>', 'where the state is kept', './state/demo')
    .addOption(
      new Option('--port <port>', 'of the broker on loopback; another one if it is taken')
        .argParser(positiveInteger)
        .default(1883),
    )
    .addOption(
      new Option('--seed <n>', "of the wearer's motion").argParser(positiveInteger).default(7),
    )
    .addOption(new Option('--seconds <n>', 'stop after so long').argParser(positiveNumber))
    .addHelpText('after', '\nCtrl-C saves the state and says where; the next demo resumes from it.')
    .action(async (options: DemoOptions) => {
      const { demo } = await import('./action.js');
      await demo(options);
    });
}
