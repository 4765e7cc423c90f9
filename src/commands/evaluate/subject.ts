import { configSchema, type StreamConfig } from '../../agent/config-schema.js';
import { streamFeatures } from '../../agent/stream-features.js';
import { inputOptionsOf, orFaultOfFlag } from '../../agent/flagged-inputs.js';
import { inputOptions } from '../../agent/input-options.js';
import { LstmdError } from '../../base/errors.js';
import { pathText } from '../../base/option-path.js';
import { loadConfig } from '../../config/load-config.js';
import { parseOptions } from '../../config/parsed-options.js';
import { schemaFaults } from '../../config/schema-faults.js';
import { readModel } from '../../model/load-model.js';
import type { InputOptions } from '../../model/plan/input-options.js';
import type { OutputPart, StreamPlan } from '../../model/plan/stream-plan.js';
import type { RowFields } from '../../rows/row-fields.js';
import type { EvaluateOptions } from './options.js';
import type { RowRates } from './row-resampler.js';

/** Holds what is evaluated: a model, and how a stream of it is configured. */
export interface Subject {
  readonly modelFile: string;
  /** With the last step of outputs that have a time axis. */
  readonly plan: StreamPlan;
  /** The plan with either part of such outputs. */
  readonly compile: (outputs: OutputPart) => StreamPlan;
  /** As the daemon would have it; without a configuration, what the flags say. */
  readonly config: StreamConfig;
  /** Names of the features, as the model gets them. */
  readonly features: readonly string[];
  /** Readings of a row, of which they are made. */
  readonly readings: number;
  /** The rates of rows and samples where they differ, as `sensor.resample` says. */
  readonly rates: RowRates | undefined;
  /** Says where a row of a recording has them. */
  readonly fields: RowFields;
  /** True when a configuration file says how the model is run. */
  readonly isConfigured: boolean;
}

/**
 * Loads the model that is named, or that of a configuration's stream. A flag stands before what the configuration
 * says.
 *
 * @throws LstmdError `usage.invalid` where neither is named, a flag does not fit the model, or features without names are
 *   to become a reference
 */
export async function loadSubject(
  modelFile: string | undefined,
  options: EvaluateOptions,
): Promise<Subject> {
  const configured = await configuredStream(options);
  const file = modelFile ?? configured?.model.file;
  if (file === undefined) {
    throw new LstmdError(
      'usage.invalid',
      'name a model, or a configuration with -c and its stream with --stream',
    );
  }
  if (options.referenceOut !== undefined && configured === undefined && !options.axes) {
    throw new LstmdError(
      'usage.invalid',
      '--reference-out: a stream is compared by the names of its features: give them in order with --axes, as sensor.axes of the stream has them, or its configuration with -c',
    );
  }
  const window = options.window ?? configured?.model.window;
  const loading = { window, ...inputsOf(options, configured) };
  const { compile, plan } = await orFaultOfFlag(file, options, async () => {
    const planOf = await readModel(file, loading);
    return { compile: planOf, plan: planOf('last') };
  });
  const axes =
    options.axes ??
    configured?.sensor.axes ??
    Array.from({ length: plan.features }, (_, n) => `value ${n + 1}`);
  const config = streamOf(options, configured, file, axes);
  const features = streamFeatures(config);
  if (features.length !== plan.features) {
    const option = options.axes === undefined ? 'sensor.axes and features.steps' : '--axes';
    throw new LstmdError(
      'usage.invalid',
      `${option}: ${features.length} names for a model of ${plan.features} features: ${features.join(', ')}`,
    );
  }
  return {
    modelFile: file,
    plan,
    compile,
    config,
    features,
    readings: axes.length,
    rates: ratesOf(options, configured),
    fields: fieldsOf(options, configured),
    isConfigured: configured !== undefined,
  };
}

/** How the model's inputs are fed: as the flags say, else as the configuration has it. */
function inputsOf(options: EvaluateOptions, configured: StreamConfig | undefined): InputOptions {
  const said = configured === undefined ? {} : inputOptions(configured);
  const names = options.axes ?? (configured && streamFeatures(configured));
  const {
    inputs = said.inputs,
    constants = said.constants,
    inputAxes = said.inputAxes,
  } = inputOptionsOf(options, names);
  return { inputs, constants, inputAxes };
}

async function configuredStream({ config: file, stream }: EvaluateOptions) {
  if (file === undefined) {
    if (stream !== undefined) {
      throw new LstmdError('usage.invalid', '--stream is a stream of a configuration: name it, -c');
    }
    return undefined;
  }
  const { config } = await loadConfig(configSchema, file);
  const names = Object.keys(config.streams);
  const name = stream ?? (names.length === 1 ? names[0] : undefined);
  const found = name === undefined ? undefined : config.streams[name];
  if (found === undefined) {
    const what = name === undefined ? 'several streams: say --stream' : `no stream "${name}"`;
    throw new LstmdError('usage.invalid', `${file} has ${what}; there are: ${names.join(', ')}`);
  }
  return found;
}

/** The fields of a recording: as the flags say, else as the sensor's rows are. */
function fieldsOf(
  { axes, columns }: EvaluateOptions,
  configured: StreamConfig | undefined,
): RowFields {
  const sensor = configured?.sensor;
  const isOfFlags = axes !== undefined || columns !== undefined;
  return {
    axes: axes ?? sensor?.axes,
    columns: isOfFlags || sensor === undefined ? columns : columnsOf(sensor),
  };
}

/**
 * Rows of a recording come as those of the sensor do, or as `--rate` says.
 *
 * @throws LstmdError `usage.invalid` for a rate of which no configuration says what to make
 */
function ratesOf(
  { rate }: EvaluateOptions,
  configured: StreamConfig | undefined,
): RowRates | undefined {
  const toHz = configured?.sensor.resample?.rateHz;
  if (configured === undefined || toHz === undefined) {
    if (rate !== undefined) {
      throw new LstmdError(
        'usage.invalid',
        '--rate is for a stream with sensor.resample: name its configuration, -c; otherwise each row is a sample',
      );
    }
    return undefined;
  }
  const fromHz = rate ?? configured.sensor.rateHz;
  return fromHz === toHz ? undefined : { fromHz, toHz };
}

/** The option `columns` of the decoders that have one. */
function columnsOf(sensor: object): readonly number[] | undefined {
  const columns: unknown = 'columns' in sensor ? sensor.columns : undefined;
  return Array.isArray(columns)
    ? columns.filter((column) => typeof column === 'number')
    : undefined;
}

/**
 * The stream that the daemon would run with the same flags: their values go through the configuration's schema,
 * so that they mean what they mean there.
 */
function streamOf(
  options: EvaluateOptions,
  configured: StreamConfig | undefined,
  file: string,
  axes: readonly string[],
): StreamConfig {
  const { scale, mean, std, stride, window, engine, weights, warmupSamples, classes } = options;
  // Who names classes has probabilities in mind, whatever the model looks like.
  const task = options.task ?? (classes === undefined ? undefined : 'classify');
  const features = { ...configured?.features, ...given({ scale, mean, std }) };
  const model = {
    ...configured?.model,
    file,
    mode: 'sliding',
    ...given({ stride, window, engine, weights, warmupSamples, task }),
  };
  const sensor = { link: '/dev/null', rateHz: 1, ...configured?.sensor };
  const stream = { ...configured, sensor: { ...sensor, axes }, features, model };
  const raw = { mqtt: { url: 'mqtt://127.0.0.1' }, streams: { evaluated: stream } };
  const parsed = parseOptions(configSchema, raw);
  const found = parsed.data?.streams['evaluated'];
  if (found === undefined) {
    const faults = parsed.error === undefined ? [] : schemaFaults(configSchema, raw, parsed.error);
    const texts = faults.map(({ path, message }) => `${pathText(path.slice(2))}: ${message}`);
    throw new LstmdError('usage.invalid', `the options do not fit: ${texts.join('; ')}`);
  }
  return found;
}

/** The flags that were given. */
function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
