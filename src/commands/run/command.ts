import { Command } from 'commander';
import { configOption } from '../terminal/options.js';
import type { RunOptions } from './action.js';

/** `lstmd run`: the daemon. */
export function runCommand(): Command {
  return new Command('run')
    .description('Run the streams of a configuration until SIGTERM or Ctrl-C: the daemon.')
    .addOption(configOption('configuration (YAML)').default('lstmd.yaml'))
    .option('--check', 'only say whether the configuration can run: options, files, models')
    .option('--schema', 'only print the JSON Schema of the configuration, for editors')
    .addHelpText(
      'after',
      `
Sensor and broker may be absent: both are waited for. Any option can be set by the environment:
mqtt.passwordFile is LSTMD_MQTT_PASSWORD_FILE. LSTMD_SIMD forces a SIMD target.

Examples:
  lstmd run --check -c lstmd.yaml
  lstmd run -c /etc/lstmd/lstmd.yaml`,
    )
    .action(async (options: Required<RunOptions>) => {
      const { run } = await import('./action.js');
      await run(options);
    });
}
