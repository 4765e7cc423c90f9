import { Option, type Command } from 'commander';
import { brokerUrl, positiveInteger, positiveNumber, secondsOption } from '../terminal/options.js';

/** Options of a simulated sensor, by their names in the values of the command: a fleet has none. */
const ofSensor = [
  'link',
  'output',
  'recording',
  'recordingUnits',
  'axes',
  'speed',
  'seed',
  'rows',
  'format',
  'units',
  'faults',
  'baud',
  'loop',
];

/** The options of a fleet beside `--fleet` itself. */
function ownOptions(): Option[] {
  return [
    new Option('--broker <url...>', 'the broker, or those of a cluster').argParser<
      string[] | undefined
    >((text, urls) => [...(urls ?? []), brokerUrl(text)]),
    secondsOption('after which the fleet stops'),
    new Option('--starts-per-second <n>', 'devices that are started a second')
      .argParser(positiveNumber)
      .default(100),
    new Option('--name <name>', 'what the names of the devices begin with').default('fleet'),
    new Option('--prefix <prefix>', 'what all topics begin with').default('lstmd'),
    new Option('--qos <qos>', 'of records').choices(['0', '1', '2']).default('1'),
    new Option('--protocol <version>', '5 falls back where the broker has only 3.1.1')
      .choices(['5', '3.1.1'])
      .default('5'),
    new Option('--keepalive-seconds <n>', 'a ping is sent after so long a silence')
      .argParser(positiveInteger)
      .default(30),
    new Option('--will-delay-seconds <n>', 'the broker says offline only after so long (MQTT 5)')
      .argParser(positiveInteger)
      .default(0),
    new Option('--username <name>', 'for the broker'),
    new Option('--password-file <file>', 'its password'),
    new Option('--ca <file>', 'PEM of the authority, for mqtts:// and wss://'),
    new Option('--cert <file>', "PEM of the client's certificate"),
    new Option('--key <file>', 'PEM of its key'),
    new Option('--keep', 'leave the retained messages of the fleet at the broker at the end'),
    new Option('--json', "sums of the fleet's accounts as JSON on stdout, at the end"),
  ];
}

/** Adds the options of a fleet, which go with none of a sensor: one of them would do nothing. */
export function addFleetOptions(command: Command): Command {
  command
    .optionsGroup('Fleet:')
    .addOption(
      new Option(
        '--fleet <n>',
        'so many devices publish to --broker, as lstmd run would, and no sensor is simulated',
      )
        .argParser(positiveInteger)
        .conflicts(ofSensor),
    );
  for (const option of ownOptions()) {
    command.addOption(option.conflicts(['link', 'output']));
  }
  return command;
}
