import { Command } from 'commander';
import { jsonOption } from '../terminal/options.js';
import type { PortsOptions } from './action.js';

/** `lstmd ports`: the serial ports of this machine. */
export function portsCommand(): Command {
  return new Command('ports')
    .description(
      'List the serial ports: names that stay, vendor and product, who holds them, whether one may open them.',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nGive the first name of a port to sensor.link: those under /dev/serial/by-id stay with the device,\nwhichever socket it is in. No port is opened, so that no board is reset.',
    )
    .action(async (options: PortsOptions) => {
      const { ports } = await import('./action.js');
      await ports(options);
    });
}
