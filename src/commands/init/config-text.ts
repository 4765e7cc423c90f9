import type { HeadLabels } from './label-choice.js';
import type { Recommendation } from '../inspect/recommendation.js';
import { yamlLines } from '../../detection/sensor-yaml.js';

/** Holds what a configuration is written from. */
export interface ConfigParts {
  readonly device: string;
  /** The section `mqtt`. */
  readonly mqtt: Readonly<Record<string, unknown>>;
  readonly stream: string;
  readonly sensor: Readonly<Record<string, unknown>>;
  /** Samples a second of the model, where the sensor has another rate. */
  readonly resampleHz: number | undefined;
  readonly recommendation: Recommendation;
  /** The axes of each input, of a model with several. */
  readonly inputs: Readonly<Record<string, readonly string[]>> | undefined;
  readonly labels: HeadLabels;
  readonly modelUnits: string | undefined;
  /** Holds what was found and guessed, each one line. */
  readonly sensorNotes: readonly string[];
  readonly modelNotes: readonly string[];
}

/** The text of a commented configuration. */
export function configText(parts: ConfigParts): string {
  const { device, mqtt, stream, sensor, resampleHz, sensorNotes, modelNotes } = parts;
  return [
    '# Written by lstmd init. All options with their defaults: lstmd run --schema.',
    ...yamlLines({ device }, ''),
    'mqtt:',
    ...yamlLines(mqtt, '  '),
    'streams:',
    `  ${JSON.stringify(stream)}:`,
    ...sensorNotes.map((note) => `    # ${note}`),
    '    sensor:',
    ...yamlLines(sensor, '      '),
    ...(resampleHz === undefined
      ? []
      : [
          '      # The model was trained at another rate than the sensor has.',
          `      resample: { rateHz: ${resampleHz} }`,
        ]),
    ...modelNotes.map((note) => `    # ${note}`),
    ...modelLines(parts).map((line) => `    ${line}`),
    '    # A state that is older is not resumed; a longer gap resets it.',
    '    state: { maxAgeSeconds: 600, onGap: { maxMs: 1000, then: reset } }',
    '',
  ].join('\n');
}

function modelLines({ recommendation, inputs, labels, modelUnits }: ConfigParts): string[] {
  const [only] = recommendation.tasks.length === 1 ? labels.values() : [];
  let ofHead = only;
  const feeds = Object.entries(inputs ?? {}).map(
    ([name, axes]) => `${JSON.stringify(name)}: ${JSON.stringify(axes)}`,
  );
  const lines = recommendation.yaml.split('\n').map((line) => {
    if (line.startsWith('  inputs: ')) {
      return `  inputs: { ${feeds.join(', ')} }`;
    }
    // A head is a key in quotes, and what belongs to it stands below.
    const head = /^ {4}(".*"):$/.exec(line)?.[1];
    ofHead = head === undefined ? ofHead : labels.get(String(JSON.parse(head)));
    return ofHead === undefined
      ? line
      : line.replace(
          /labels: \[.*\]/,
          () => `labels: [${ofHead?.map((name) => JSON.stringify(name)).join(', ')}]`,
        );
  });
  const units = modelUnits === undefined ? [] : yamlLines({ units: modelUnits }, '  ');
  // Behind the file, since heads may end the section.
  const fileLine = lines.findIndex((line) => line.startsWith('  file:'));
  return lines.toSpliced(fileLine + 1, 0, ...units);
}
