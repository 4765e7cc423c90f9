import { Command } from 'commander';
import { configOption, jsonOption } from '../terminal/options.js';
import type { DoctorOptions } from './action.js';

/** `lstmd doctor`: whether `lstmd run` would work on this machine. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Say what would stop lstmd from running here, and what will one day, each with the way out: Node, addon, engines, clock, service, configuration, models, ports, broker, disk.',
    )
    .addOption(configOption('also prepare the streams of this configuration (YAML)'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExits with 0 only when "lstmd run" would work. Sensor and broker may be absent: run waits\nfor them. With a configuration, each port is opened and listened to for up to 5 s, which resets some boards.',
    )
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('./action.js');
      await doctor(options);
    });
}
