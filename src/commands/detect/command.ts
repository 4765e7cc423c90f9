import { Command, InvalidArgumentError, Option } from 'commander';
import { jsonOption } from '../terminal/options.js';
import type { DetectOptions } from './action.js';

/** `lstmd detect`: what a sensor sends, found by listening. */
export function detectCommand(): Command {
  return new Command('detect')
    .description(
      'Find out what a sensor sends: its speed, format, rate, axes and units, and the YAML to paste.',
    )
    .argument('[port]', 'a serial port; without it the only one there is')
    .addOption(
      new Option('--baud <rates>', 'only these speeds, with commas between').argParser(parseBauds),
    )
    .addOption(pollOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Listens for up to 10 s: the port is opened once, so that a board resets once, and its speed changed while it is
open. Nothing is written to it, unless --poll is given. Exits with 0 when a format is at least likely, else with 1 and what was seen.
Keep an accelerometer still meanwhile: gravity tells its units.

With --poll modbus it asks for slaves of Modbus RTU, at each usual speed and parity, and for the registers of the first
that answers, of which it says those that change: move the sensor meanwhile. It reads registers and writes none, and takes
up to a minute where no slave answers. There may be no other master on the line.

Examples:
  lstmd detect /dev/ttyUSB0
  lstmd detect --baud 9600,115200 /dev/ttyACM0
  lstmd detect --poll modbus /dev/ttyUSB0
  lstmd detect --json`,
    )
    .action(async (port: string | undefined, options: DetectOptions) => {
      const { detect } = await import('./action.js');
      await detect(port, options);
    });
}

/** The protocol of a sensor that is to be asked, for each command that finds out what a sensor sends. */
export function pollOption(): Option {
  return new Option(
    '--poll <protocol>',
    'ask for a sensor that says nothing by itself: writes requests to the port',
  ).choices(['modbus']);
}

/** Speeds with commas between. */
export function parseBauds(text: string): number[] {
  const bauds = text.split(',').map((part) => Number(part.trim() || Number.NaN));
  if (!bauds.every((baud) => Number.isInteger(baud) && baud > 0)) {
    throw new InvalidArgumentError('not speeds in bits a second, with commas between');
  }
  return bauds;
}
