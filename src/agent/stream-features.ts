import { featureNames } from '../config/feature-names.js';
import { LstmdError } from '../base/errors.js';
import type { StreamConfig } from './config-schema.js';

/** Samples a second as the model gets them. */
export function sampleRateHz({ sensor }: Pick<StreamConfig, 'sensor'>): number {
  return sensor.resample?.rateHz ?? sensor.rateHz;
}

/**
 * The names of a stream's features, as the model gets them.
 *
 * @throws LstmdError `config.invalid` for a step that does not fit, which the reading of a file refuses by its line
 */
export function streamFeatures(config: StreamConfig): readonly string[] {
  const { sensor, features } = config;
  const found = featureNames(sensor.axes, features.steps, sampleRateHz(config));
  if ('fault' in found) {
    const at = found.fault.path.join('.');
    throw new LstmdError('config.invalid', `features.steps.${at}: ${found.fault.message}`);
  }
  return found.names;
}
