import { Command, Option } from 'commander';
import { brokerOption, positiveInteger, secondsOption } from '../terminal/options.js';
import type { DemoOptions } from './action.js';

/** `lstmd demo`: a simulated sensor, a broker and the agent, with a live view and a dashboard. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'A simulated sensor on a real pseudo-terminal, a broker, the real agent, a live view, and a dashboard.',
    )
    .option('--state-directory <dir>', 'where the state is kept', './state/demo')
    .addOption(
      brokerOption('mqtt://host[:port] (default: one that it starts: mosquitto, in a clone aedes)'),
    )
    .addOption(
      new Option('--port <port>', 'of a broker that is started; another one if it is taken')
        .argParser(positiveInteger)
        .default(1883),
    )
    .addOption(
      new Option('--seed <n>', "of the wearer's motion").argParser(positiveInteger).default(7),
    )
    .addOption(
      new Option('--dashboard-port <port>', 'of the dashboard; another one if it is taken')
        .argParser(positiveInteger)
        .default(9464),
    )
    .option('--no-dashboard', 'without the dashboard in the browser')
    .addOption(secondsOption('after which it stops'))
    .addHelpText('after', '\nCtrl-C saves the state and says where; the next demo resumes from it.')
    .action(async (options: DemoOptions) => {
      const { demo } = await import('./action.js');
      await demo(options);
    });
}
