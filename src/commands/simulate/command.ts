import { Command, Option } from 'commander';
import { accelerationUnits } from '../../simulator/converted-source.js';
import { parseFaults } from '../../simulator/faults/faults.js';
import { positiveInteger, positiveNumber } from '../terminal/options.js';
import type { SimulateOptions } from './action.js';

/** `lstmd simulate`: a simulated sensor on a pseudo-terminal, or its rows in a file. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'A sensor on a real pseudo-terminal: a wearer who stands, walks and runs, or a recording.',
    )
    .option('--link <path>', 'the serial port appears here, as a symbolic link')
    .option('--output <file>', 'rows to a file instead of a port; - is stdout')
    .option('--recording <path...>', 'CSV files or folders of them, instead of the motion model')
    .addOption(
      new Option('--axes <n>', "fields of a recording's rows")
        .argParser(positiveInteger)
        .default(3),
    )
    .addOption(
      new Option('--rate-hz <hz>', 'samples a second').argParser(positiveNumber).default(26),
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
    .option('--loop', 'begin the recording again after its last row')
    .addHelpText(
      'after',
      `
Readings of the motion model are integers in mg, until --units or the format wants others. SIGUSR2 pulls the plug, and again plugs it in.
A fault without a value has its usual one: --faults bunch,reset is an FTDI adapter at a board that an opening resets.
With a recording, rows begin when a reader has opened the port. The format modbus answers requests and sends nothing by itself;
with --speed max each row waits until it was asked for.

Examples:
  lstmd simulate --link /tmp/sensor
  lstmd simulate --link /tmp/sensor --recording walking.csv --speed 50
  lstmd simulate --link /tmp/sensor --format witmotion --rate-hz 100
  lstmd simulate --link /tmp/sensor --format csv:labels --baud 9600 --faults bits=0.0001,reset=2000
  lstmd simulate --output - --rows 260`,
    )
    .action(async (options: SimulateOptions) => {
      const { simulate } = await import('./action.js');
      await simulate(options);
    });
}
