import { Argument, Command } from 'commander';
import { brokerUrl, secondsOption } from '../terminal/options.js';
import type { MonitorOptions } from './action.js';

/** `lstmd monitor`: every device and stream of a broker, live. */
export function monitorCommand(): Command {
  return new Command('monitor')
    .description(
      'Every device and stream of a broker, live: what each says, how fast, and whether it is there.',
    )
    .addArgument(
      new Argument(
        '<url>',
        'mqtt://host[:port], mqtts://..., ws://host[:port][/path] or wss://...',
      ).argParser(brokerUrl),
    )
    .option('--prefix <prefix>', 'mqtt.prefix of the devices', 'lstmd')
    .option('--device <name>', 'only this one')
    .option('--username <name>', 'for the broker')
    .option('--password-file <file>', 'its password')
    .option('--ca <file>', 'PEM of the authority, for mqtts:// and wss://')
    .option('--cert <file>', "PEM of the client's certificate")
    .option('--key <file>', 'PEM of its key')
    .option('--once', 'collect for two seconds, print, and end')
    .addOption(secondsOption('after which it ends'))
    .option('--json', 'rows as JSON, one a line, at the end')
    .addHelpText(
      'after',
      `
On a terminal: q ends, the arrow keys and j, k move where there are more streams than lines. Elsewhere a table is printed every
10 seconds, and at the end.

Examples:
  lstmd monitor mqtt://broker.local
  lstmd monitor mqtt://broker.local --once --json | jq 'select(.status == "offline")'`,
    )
    .action(async (url: string, options: MonitorOptions) => {
      const { monitor } = await import('./action.js');
      await monitor(url, options);
    });
}
