import { Command } from 'commander';
import { trialOptions } from '../terminal/trial-options.js';
import { configOption } from '../terminal/options.js';
import type { RunOptions } from './action.js';

/** `lstmd run`: the daemon. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('Run the streams of a configuration until SIGTERM or Ctrl-C: the daemon.')
    .addOption(configOption('configuration (YAML)').default('lstmd.yaml'))
    .option('--check', 'only say whether the configuration can run: options, files, models')
    .option('--schema', 'only print the JSON Schema of the configuration, for editors')
    .option(
      '--once',
      'try it at the terminal: samples and predictions on stdout, no broker, no lock, no state',
    )
    .option('--stream <name>', 'with --once: this stream alone');
  for (const option of trialOptions('with --once: ')) {
    command.addOption(option);
  }
  return command
    .addHelpText(
      'after',
      `
Sensor and broker may be absent: both are waited for. Any option can be set by the environment:
mqtt.passwordFile is LSTMD_MQTT_PASSWORD_FILE. LSTMD_SIMD forces a SIMD target.

--once shows a live view on a terminal. Elsewhere it prints a line of JSON for each record that would be published:
{"topic":"wearer/prediction","ts":...,"boot":0,...}, and with --stream the payload alone. It begins with a fresh state,
leaves the state directory as it is, says on stderr what is wrong with the sensor, and ends with the measured rate. Reading stdin://
it ends where that does. The exit code is 1 where a stream had no sample by then, or within --seconds.

Examples:
  lstmd run --check -c lstmd.yaml
  lstmd run --once -c lstmd.yaml
  lstmd run --once -c lstmd.yaml --stream wearer --seconds 10 | jq .p
  lstmd run -c /etc/lstmd/lstmd.yaml`,
    )
    .action(async (options: RunOptions & { readonly config: string }) => {
      const { run } = await import('./action.js');
      await run(options);
    });
}
