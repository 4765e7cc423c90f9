import { featureNames } from '../config/feature-names.js';
import { LstmdError } from '../base/errors.js';
import type { StreamConfig } from './config-schema.js';

/**
 * The names of a stream's features, as the model gets them.
 *
 * @throws LstmdError `config.invalid` for a step that does not fit, which the reading of a file refuses by its line
 */
export function streamFeatures({ sensor, features }: StreamConfig): readonly string[] {
  const found = featureNames(sensor.axes, features.steps, sensor.rateHz);
  if ('fault' in found) {
    const at = found.fault.path.join('.');
    throw new LstmdError('config.invalid', `features.steps.${at}: ${found.fault.message}`);
  }
  return found.names;
}
