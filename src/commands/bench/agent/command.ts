import { Command, Option } from 'commander';
import {
  brokerOption,
  jsonOption,
  positiveInteger,
  secondsOption,
} from '../../terminal/options.js';
import type { BenchAgentOptions } from './action.js';

/** `lstmd bench agent`: how long a sample takes from the tty to a subscriber. */
export function benchAgentCommand(): Command {
  return new Command('agent')
    .description('Time the whole way: a pseudo-terminal, lstmd run, a broker, a subscriber.')
    .addOption(brokerOption('mqtt://host[:port]').makeOptionMandatory())
    .addOption(
      new Option('--protocol <version>', 'MQTT version that the agent speaks')
        .choices(['5', '3.1.1'])
        .default('5'),
    )
    .addOption(secondsOption('of measuring at the rate, after the closed loop').default(30))
    .addOption(
      new Option('--rate-hz <n>', 'samples a second').argParser(positiveInteger).default(100),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  lstmd bench agent --broker mqtt://127.0.0.1:1883')
    .action(async (options: BenchAgentOptions) => {
      const { benchAgent } = await import('./action.js');
      await benchAgent(options);
    });
}
