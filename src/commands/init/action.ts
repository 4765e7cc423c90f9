import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { inputOptionsOf, orFaultOfFlag } from '../../agent/flagged-inputs.js';
import { LstmdError } from '../../base/errors.js';
import { printableText } from '../../base/printable-text.js';
import { sensorSection } from '../../detection/sensor-yaml.js';
import { loadModel } from '../../model/load-model.js';
import { choosePort } from '../detect/detected-port.js';
import { detectAt, likelyFormat, type DetectedFormat } from '../detect/detection.js';
import { pollAt } from '../detect/modbus-poll.js';
import { detectionText } from '../detect/report-text.js';
import { recommend } from '../inspect/recommendation.js';
import type { InputFlags } from '../terminal/input-flags.js';
import { fedAxes, matchAxes } from './input-axes.js';
import { chooseAxes } from './axis-choice.js';
import { configText } from './config-text.js';
import { writeDropIn } from './drop-in.js';
import { flagFault, requireFlags } from './flag-check.js';
import { chooseLabels } from './label-choice.js';
import { requirePlace } from './output-place.js';
import { Questions } from './questions.js';
import { chooseUnits } from './unit-choice.js';
import { writeConfig } from './written-config.js';

export interface InitOptions extends InputFlags {
  readonly model?: string;
  readonly port?: string;
  readonly baud?: readonly number[];
  readonly poll?: 'modbus';
  readonly axes?: readonly string[];
  readonly units?: string;
  readonly modelUnits?: string;
  readonly modelRateHz?: number;
  readonly labels?: readonly string[];
  readonly broker?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly device?: string;
  readonly stream?: string;
  readonly output: string;
  readonly force?: boolean;
  readonly systemdDropIn?: string;
  readonly yes?: boolean;
}

/** Rates that differ by less are the same one, measured. */
const mostRateError = 0.03;

/**
 * Writes a configuration for the sensor and the model at hand, and prints what does not fit and the command to run.
 *
 * @throws LstmdError `usage.invalid`, `output.write`, `sensor.link`, or of the model, with nothing written
 */
export async function init(options: InitOptions): Promise<void> {
  const questions = new Questions(options.yes === true);
  try {
    requireFlags(options);
    await requirePlace(options.output, false);
    if (options.systemdDropIn !== undefined) {
      await requirePlace(options.systemdDropIn, true);
    }
    const isForced = await mayOverwrite(questions, options);
    await initWith(questions, { ...options, force: isForced });
  } finally {
    questions.close();
  }
}

/** Returns whether files that are there already are overwritten: by `--force`, or with a person's consent. */
async function mayOverwrite(
  questions: Questions,
  { output, systemdDropIn, force = false }: InitOptions,
): Promise<boolean> {
  const there = [output, systemdDropIn].find((file) => file !== undefined && existsSync(file));
  if (there === undefined || force) {
    return force;
  }
  const answer = questions.canAsk
    ? await questions.ask(`${there} is there already. Overwrite it? (yes, no)`, undefined, 'no')
    : 'no';
  if (answer !== 'yes') {
    throw new LstmdError(
      'usage.invalid',
      `${there} is there already: name another file, or overwrite it with --force`,
    );
  }
  return true;
}

async function initWith(questions: Questions, options: InitOptions): Promise<void> {
  const modelFile = await questions.ask(
    'Model (.keras, .h5 or model.json)',
    options.model,
    undefined,
  );
  if (modelFile === undefined) {
    throw new LstmdError('usage.invalid', 'there is no model: say which by --model FILE');
  }
  const given = inputOptionsOf(options, fedAxes(options));
  const plan = await orFaultOfFlag(modelFile, options, () => loadModel(modelFile, given));
  const folder = dirname(resolve(options.output));
  const recommendation = recommend(plan, relative(folder, resolve(modelFile)));
  if (recommendation.mode === null) {
    throw new LstmdError('model.mode', `${modelFile}: ${recommendation.reason}`);
  }
  tell(`${modelFile}: ${recommendation.trainedOn}, mode ${recommendation.mode}`);

  const heads = recommendation.tasks.map(({ head, task }, n) => ({
    head,
    task,
    size: plan.outputs[n]?.size ?? 1,
  }));
  const labels = await chooseLabels(questions, options.labels ?? [], heads);
  const format = chooseAxes(await listen(questions, options), plan.features, options.axes);
  const units = await chooseUnits(questions, options, format, plan);
  const sensor = sensorSection(format, format.port, format.baudRate);
  const rateHz = Number(sensor['rateHz']);
  const modelRateHz = await rateOf(questions, options, rateHz);
  const isOtherRate = Math.abs(modelRateHz / rateHz - 1) > mostRateError;
  const { output } = options;
  const brokerUrl =
    (await questions.ask('Broker', options.broker, 'mqtt://localhost:1883', (broker) =>
      flagFault({ ...options, broker }),
    )) ?? '';
  const device =
    (await questions.ask('Name of this box', options.device, hostname(), (name) =>
      flagFault({ output, device: name }),
    )) ?? '';
  const { username, passwordFile, ca, stream = 'sensor' } = options;
  const text = configText({
    device,
    mqtt: {
      url: brokerUrl,
      ...(username === undefined ? {} : { username }),
      ...(passwordFile === undefined ? {} : { passwordFile: resolve(passwordFile) }),
      ...(ca === undefined ? {} : { ca: resolve(ca) }),
    },
    stream,
    sensor: { ...sensor, ...units.sensor },
    resampleHz: isOtherRate ? modelRateHz : undefined,
    recommendation,
    inputs:
      options.feed ?? (plan.inputs.length > 1 ? matchAxes(plan.inputs, format.axes) : undefined),
    labels,
    modelUnits: units.model,
    sensorNotes: [
      `Found by listening: ${Math.round(100 * format.confidence)} % sure, ${format.rateHz?.toPrecision(4) ?? '?'} Hz measured.`,
      ...format.notes,
    ],
    modelNotes: [
      `How to run it: ${recommendation.reason}.`,
      ...(plan.inputs.length > 1 && options.feed === undefined
        ? [
            'Which axes flow into which input was found by their names and order: see that it is so.',
          ]
        : []),
      ...units.notes,
      ...(options.modelRateHz === undefined && !isOtherRate
        ? ['That it was trained at the rate of this sensor is taken for granted.']
        : []),
      ...(recommendation.yaml.includes('labels: [name1') && labels.size === 0
        ? ['Name the outputs in labels, in their order.']
        : []),
    ],
  });
  const broker = await writeConfig(options.output, text, options.force === true);
  const notes = [
    ...units.notes,
    ...(isOtherRate
      ? [
          `the sensor sends ${rateHz} Hz and the model wants ${modelRateHz} Hz: samples are taken at that rate (sensor.resample)`,
        ]
      : []),
    broker,
  ];
  if (options.systemdDropIn !== undefined) {
    await writeDropIn(options.systemdDropIn, brokerUrl);
    notes.push(`wrote ${options.systemdDropIn}, which lets the service reach the broker`);
  }
  const next = `lstmd run -c ${options.output}`;
  process.stdout.write(
    printableText(
      `${text}\n${notes.map((note) => `note: ${note}\n`).join('')}wrote ${options.output}; look it over, then run it:\n\n  ${next}\n`,
    ),
  );
}

/** Finds out what the sensor sends. */
async function listen(
  questions: Questions,
  options: InitOptions,
): Promise<DetectedFormat & { readonly port: string }> {
  const asked = await questions.ask(
    'Port of the sensor (empty: the only one)',
    options.port,
    undefined,
  );
  const port = await choosePort(asked);
  if (options.poll === undefined) {
    tell(`listening at ${port}, up to 10 s; keep an accelerometer still`);
  }
  const detection =
    options.poll === undefined
      ? await detectAt(port, options.baud)
      : await pollAt(port, options.baud, tell);
  process.stderr.write(printableText(`${detectionText(detection)}\n\n`));
  const format = likelyFormat(detection);
  if (format === undefined) {
    throw new LstmdError(
      'sensor.input',
      `what ${port} sends is not known well enough for a configuration; see above`,
    );
  }
  if (format.rateHz === null) {
    throw new LstmdError('sensor.input', `${port} sends too seldom to measure its rate`);
  }
  return { ...format, port };
}

async function rateOf(
  questions: Questions,
  options: InitOptions,
  sensorHz: number,
): Promise<number> {
  const said = options.modelRateHz === undefined ? undefined : `${options.modelRateHz}`;
  const answer = await questions.ask(
    'Samples a second that the model was trained on',
    said,
    `${sensorHz}`,
    (text) =>
      Number(text) > 0 && Number.isFinite(Number(text))
        ? undefined
        : `${text} is no rate: say samples a second, such as 26`,
  );
  return Number(answer);
}

function tell(text: string): void {
  process.stderr.write(printableText(`lstmd: ${text}\n`));
}
