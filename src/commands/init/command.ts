import { Command, Option } from 'commander';
import { parseBauds, pollOption } from '../detect/command.js';
import { namesOf } from '../terminal/feature-options.js';
import { constantOption, feedOption, modelAxesOption } from '../terminal/input-flags.js';
import { brokerOption, positiveNumber } from '../terminal/options.js';
import type { InitOptions } from './action.js';

/** `lstmd init`: a configuration for the sensor and the model at hand. */
export function initCommand(): Command {
  return new Command('init')
    .description(
      'Write a configuration: finds out what the sensor sends and what the model expects, and tries the broker.',
    )
    .option('--model <file>', 'a model that Keras saved')
    .option('--port <path>', 'the port of the sensor (default: the only one there is)')
    .addOption(
      new Option('--baud <rates>', 'listen only at these speeds, with commas between').argParser(
        parseBauds,
      ),
    )
    .addOption(pollOption())
    .addOption(
      commaList('--axes <names>', 'of the axes that were found, those that the model takes'),
    )
    .option('--units <unit>', 'of the readings, where nothing in them tells: g, mg, m/s2 ...')
    .option('--model-units <unit>', 'that the model was trained on')
    .addOption(
      new Option(
        '--model-rate-hz <hz>',
        'samples a second that the model was trained on',
      ).argParser(positiveNumber),
    )
    .addOption(feedOption())
    .addOption(constantOption())
    .addOption(modelAxesOption())
    .addOption(
      new Option(
        '--labels <names>',
        "of the model's outputs, in their order, with commas between; with several heads head=names, once for each",
      ).argParser((text: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        text,
      ]),
    )
    .addOption(brokerOption('URL of the broker (default: mqtt://localhost:1883)'))
    .option('--username <name>', 'at the broker')
    .option('--password-file <file>', 'holds the password')
    .option('--ca <file>', 'PEM of the authority that signed an mqtts broker')
    .option('--device <name>', 'how this box is named in topics (default: the host name)')
    .option('--stream <name>', 'how the stream is named in topics (default: sensor)')
    .option('--output <file>', 'the configuration', 'lstmd.yaml')
    .option('--force', 'overwrite it')
    .option(
      '--systemd-drop-in <file>',
      "also write what lets the service reach the broker's address",
    )
    .option('--yes', 'ask nothing: flags and defaults')
    .addHelpText(
      'after',
      `
What no flag says is asked on a terminal; without one, and with --yes, the defaults hold. The sensor is listened to
for up to 10 s, as by lstmd detect, and nothing is written to it, unless --poll is given.

Examples:
  lstmd init --model walk.keras
  lstmd init --yes --model walk.keras --port /dev/ttyUSB0 --broker mqtt://broker.local --labels running \\
    --model-units g --model-rate-hz 26 --output /etc/lstmd/lstmd.yaml`,
    )
    .action(async (options: InitOptions) => {
      const { init } = await import('./action.js');
      await init(options);
    });
}

function commaList(flags: string, description: string): Option {
  return new Option(flags, `${description}, with commas between`).argParser(namesOf);
}
