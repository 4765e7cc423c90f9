import { Command, InvalidArgumentError, Option } from 'commander';
import { labelRules } from '../../evaluation/window-label.js';
import { tasks } from '../../model/plan/task.js';
import { constantOption, feedOption, modelAxesOption } from '../terminal/input-flags.js';
import { featureOptions, namesOf } from '../terminal/feature-options.js';
import {
  configOption,
  engineOption,
  jsonOption,
  modeOption,
  positiveInteger,
  positiveNumber,
  strideOption,
  weightsOption,
  windowOption,
} from '../terminal/options.js';
import type { EvaluateOptions } from './options.js';

/** `lstmd evaluate`: what a model is worth on recordings, in every mode. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description(
      'Judge a model on labelled recordings in every mode that is exact, before it is deployed.',
    )
    .argument('[model]', 'model file; with -c that of the stream')
    .requiredOption(
      '--data <paths...>',
      'recordings, rows as predict reads them; of a folder every .csv, .tsv, .jsonl and .ndjson below it',
    )
    .option(
      '--labels <where>',
      "where labels are: folder (the folder's name), file (a word of the file's name), file:PATTERN (the group of a regular expression in it), column:NAME (or its number from 0); of values column:NAME[,NAME]",
    )
    .addOption(
      new Option(
        '--classes <names>',
        "names of the model's outputs, in order, with commas; of one output [NEGATIVE,]POSITIVE",
      ).argParser(namesOf),
    )
    .option('--positive <label>', 'the label to find: of one output, all other labels are negative')
    .option(
      '--normal <label>',
      'of an autoencoder or a forecaster: the label that is no anomaly; all others are',
    )
    .addOption(
      new Option('--task <task>', 'what the outputs are (default: found, as inspect says)').choices(
        [...tasks],
      ),
    )
    .addOption(
      new Option('--map <renames>', 'labels that count as others: wlk=walking,jog=running')
        .argParser(renamesOf)
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option('--ignore <labels>', 'labels that are not judged, with commas')
        .argParser(namesOf)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--labels-at <rule>',
        'which label an output has where labels change within its window: that of the last sample, of most samples, or none unless all are the same',
      )
        .choices([...labelRules])
        .default('last'),
    )
    .addOption(
      new Option('--far <rate>', 'rate of false alarms that thresholds are given for, 0 to 1')
        .argParser(rateOf)
        .default(0.01),
    )
    .option('--head <name>', 'the output that is judged, of a model with several')
    .addOption(modeOption())
    .addOption(strideOption())
    .addOption(windowOption())
    .addOption(
      new Option('--warmup-samples <n>', 'samples from which on an output is warm').argParser(
        positiveInteger,
      ),
    )
    // Without a flag it is as the configuration has it.
    .addOption(engineOption().default(undefined))
    .addOption(weightsOption())
    .addOption(feedOption())
    .addOption(constantOption())
    .addOption(modelAxesOption());
  for (const option of featureOptions()) {
    command.addOption(option);
  }
  return command
    .addOption(configOption('take model, features and names from a stream of this configuration'))
    .option('--stream <name>', 'the stream, where the configuration has several')
    .addOption(
      new Option(
        '--rate <hz>',
        'rows a second in the recordings, for a stream with sensor.resample (default: its sensor.rateHz)',
      ).argParser(positiveNumber),
    )
    .addOption(jsonOption())
    .option('--html <file>', 'write a page with the curves and the outputs over time')
    .option(
      '--reference-out <file>',
      'write the statistics of features and outputs, to compare a live stream with',
    )
    .addHelpText(
      'after',
      `
Each recording is a stream of its own: the state is zeros at its beginning. Figures are given for all outputs,
and for those that are warm: enough samples since the beginning, in sequence the last step of each window.
Every mode that is exact is evaluated, or the one that --mode names: what sliding gives is what Keras' predict
gives for each window, so the others show what streaming costs or gains.

Examples:
  lstmd evaluate running.keras --data recordings/ --labels folder --positive running --scale 0.001
  lstmd evaluate har.keras --data *.csv --labels file --classes walk,jog,sit --html report.html
  lstmd evaluate har.keras --data day.csv --labels column:activity --classes walk,jog,sit --ignore other
  lstmd evaluate autoencoder.keras --data good/ bad/ --labels folder --normal good --far 0.001
  lstmd evaluate life.keras --data runs/ --labels column:rul
  lstmd evaluate -c lstmd.yaml --stream spindle --data good/ bad/ --labels folder --reference-out reference.json`,
    )
    .action(async (model: string | undefined, options: EvaluateOptions) => {
      const { evaluate } = await import('./action.js');
      await evaluate(model, options);
    });
}

/** Parses `wlk=walking,jog=running`. */
function renamesOf(text: string): Map<string, string> {
  const renames = namesOf(text).map((rename): [string, string] => {
    const at = rename.indexOf('=');
    if (at <= 0 || at === rename.length - 1) {
      throw new InvalidArgumentError('not LABEL=CLASS, with commas between');
    }
    return [rename.slice(0, at), rename.slice(at + 1)];
  });
  return new Map(renames);
}

function rateOf(text: string): number {
  const rate = text.trim() === '' ? Number.NaN : Number(text);
  if (!(rate >= 0 && rate <= 1)) {
    throw new InvalidArgumentError('not a rate from 0 to 1');
  }
  return rate;
}
