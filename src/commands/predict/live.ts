import { LstmdError } from '../../base/errors.js';
import { configOf } from '../../agent/config-value.js';
import { runTrial, type TrialOptions } from '../live/trial.js';
import type { FeatureFlags } from '../terminal/feature-options.js';
import type { InputFlags } from '../terminal/input-flags.js';
import type { SteppingOptions } from '../terminal/options.js';
import { stopSignal } from '../terminal/stop-signal.js';

/** Options of a file alone; the first two have defaults. */
interface FileOptions {
  readonly format?: string;
  readonly outputs?: string;
  readonly stateIn?: string;
  readonly stateOut?: string;
}

export interface LiveOptions extends SteppingOptions, FeatureFlags, InputFlags, TrialOptions {
  /** A port, or any other address that `sensor.link` may have. */
  readonly live: string;
  readonly baudRate?: number;
  readonly decoder?: string;
  readonly rateHz?: number;
  readonly units?: string;
  readonly modelUnits?: string;
  readonly labels?: string[];
}

const streamName = 'live';

/**
 * Steps a model over what a sensor sends, as `run --once` does with a configuration.
 *
 * @throws LstmdError for options, a model or a recording that does not fit
 */
export async function predictLive(file: string, options: LiveOptions & FileOptions): Promise<void> {
  refuseFileOptions(options);
  const stopping = stopSignal();
  const { live, baudRate, decoder, rateHz, axes, columns, units, labels, modelUnits } = options;
  const { feed: inputs, constant: constants, modelAxes } = options;
  const { scale, mean, std, mode, stride, window, engine, weights } = options;
  const config = configOf(
    streamName,
    {
      sensor: defined({ link: live, baudRate, decoder, rateHz, axes, columns, units }),
      features: defined({ scale, mean, std }),
      model: defined({
        file,
        mode,
        stride,
        window,
        engine,
        weights,
        labels,
        inputs,
        constants,
        axes: modelAxes?.map((axis) => (axis === '1' ? 1 : axis)),
        units: modelUnits,
      }),
    },
    `what --live ${live} and the options with it say`,
  );
  await runTrial(config, { ...options, stream: streamName }, stopping);
}

/** The members that have a value: the others keep their defaults. */
function defined(options: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** @throws LstmdError `usage.invalid` */
function refuseFileOptions({
  format,
  outputs,
  stateIn,
  stateOut,
  rateHz,
}: LiveOptions & FileOptions) {
  const wrong = [
    ...(format === 'csv' ? ['--format csv'] : []),
    ...(outputs === 'whole' ? ['--outputs whole'] : []),
    ...(stateIn === undefined ? [] : ['--state-in']),
    ...(stateOut === undefined ? [] : ['--state-out']),
  ];
  if (wrong.length > 0) {
    throw new LstmdError(
      'usage.invalid',
      `${wrong.join(', ')}: with --input only; --live prints the records that would be published`,
    );
  }
  if (rateHz === undefined) {
    throw new LstmdError('usage.invalid', '--live needs --rate-hz, the samples a second');
  }
}
