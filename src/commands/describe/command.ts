import { Command } from 'commander';
import { configOption, jsonOption } from '../terminal/options.js';
import type { DescribeOptions } from './action.js';

/** `lstmd describe`: the document of what a configuration publishes. */
export function describeCommand(): Command {
  return new Command('describe')
    .description(
      'Print an AsyncAPI 3.0 document of what a configuration publishes: topics, payloads, brokers.',
    )
    .addOption(configOption('configuration (YAML)').default('lstmd.yaml'))
    .addOption(jsonOption().conflicts('yaml'))
    .option('--yaml', 'YAML, on stdout: the default')
    .addHelpText(
      'after',
      `
It reads the models, for their labels, values and features are in the schemas of the payloads. Neither sensor nor broker is
needed. Passwords, and files of certificates, are not in it.

Example:
  lstmd describe -c lstmd.yaml > asyncapi.yaml`,
    )
    .action(async (options: DescribeOptions) => {
      const { describe } = await import('./action.js');
      await describe(options);
    });
}
