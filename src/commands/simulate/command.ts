import { Command, Option } from 'commander';
import { accelerationUnits } from '../../simulator/converted-source.js';
import { parseFaults } from '../../simulator/faults/faults.js';
import { positiveInteger, positiveNumber } from '../terminal/options.js';
import type { SimulateOptions } from './action.js';
import type { FleetCommandOptions } from './fleet-action.js';
import { addFleetOptions } from './fleet-options.js';

type CommandOptions = SimulateOptions &
  Omit<FleetCommandOptions, 'fleet'> & { readonly fleet?: number };

/** `lstmd simulate`: a simulated sensor on a pseudo-terminal, or its rows in a file; or a fleet of devices at a broker. */
export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description(
      'A sensor on a real pseudo-terminal: a wearer who stands, walks and runs, or a recording. Or a fleet of devices at a broker.',
    )
    .option('--link <path>', 'the serial port appears here, as a symbolic link')
    .option('--output <file>', 'rows to a file instead of a port; - is stdout')
    .option(
      '--recording <path...>',
      'CSV files or folders of them, or a .rec.gz, instead of the motion model',
    )
    .addOption(
      new Option('--axes <n>', "fields of a recording's rows")
        .argParser(positiveInteger)
        .default(3),
    )
    .addOption(
      new Option(
        '--rate-hz <hz>',
        'samples a second (default: 26); of a fleet: predictions a second of each device (default: 1)',
      ).argParser(positiveNumber),
    )
    .addOption(
      new Option('--speed <factor>', 'times real time; max is as fast as the reader takes it')
        .argParser((text) => (text === 'max' ? Infinity : positiveNumber(text)))
        .default(1),
    )
    .addOption(
      new Option('--seed <n>', 'the same seed gives the same motion')
        .argParser(positiveInteger)
        .default(1),
    )
    .addOption(new Option('--rows <n>', 'stop after so many').argParser(positiveInteger))
    .option(
      '--format <name>',
      'what the sensor speaks, by the name of the decoder that reads it; an unknown one lists all',
      'csv',
    )
    .addOption(
      new Option(
        '--units <unit>',
        'of the acceleration that is sent, where the format has none',
      ).choices(accelerationUnits),
    )
    .addOption(
      new Option('--recording-units <unit>', 'of the acceleration in the recording')
        .choices(accelerationUnits)
        .default('mg'),
    )
    .addOption(
      new Option(
        '--faults <list>',
        'bits=<share> drops=<share> garbage=<share of rows> silence=<share of rows> bunch=<ms> reset=<ms> unplug=<s>, with commas between',
      ).argParser(parseFaults),
    )
    .addOption(
      new Option(
        '--baud <rate>',
        'bits a second: a reader that sets another rate gets garbage',
      ).argParser(positiveInteger),
    )
    .option('--loop', 'begin the recording again after its last row');
  return addFleetOptions(command)
    .addHelpText(
      'after',
      `
Readings of the motion model are integers in mg, until --units or the format wants others. SIGUSR2 pulls the plug, and again plugs it in.
A fault without a value has its usual one: --faults bunch,reset is an FTDI adapter at a board that an opening resets.
With a recording, rows begin when a reader has opened the port. Of a .rec.gz the bytes are played at their recorded times,
whatever their format. The format modbus answers requests and sends nothing by itself; with --speed max each row
waits until it was asked for.

The devices of a fleet have the connections, wills, topics, payloads, accounts and backoff of the daemon; what they predict is
made up, and what waits for the broker is in memory (256 KiB each). SIGUSR2 breaks all of their connections at once. Of
several brokers each device begins with another one. Their retained messages are taken away at the end.

Examples:
  lstmd simulate --link /tmp/sensor
  lstmd simulate --link /tmp/sensor --recording walking.csv --speed 50
  lstmd simulate --link /tmp/sensor --format witmotion --rate-hz 100
  lstmd simulate --link /tmp/sensor --format csv:labels --baud 9600 --faults bits=0.0001,reset=2000
  lstmd simulate --output - --rows 260
  lstmd simulate --fleet 1000 --broker mqtt://broker.local --seconds 60`,
    )
    .action(async (options: CommandOptions) => {
      if (options.fleet === undefined) {
        const { simulate } = await import('./action.js');
        await simulate(options);
        return;
      }
      const { simulateFleet } = await import('./fleet-action.js');
      await simulateFleet({ ...options, fleet: options.fleet });
    });
}
