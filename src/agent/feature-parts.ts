import { Conditioner } from '../sensor/conditioner.js';
import { FeatureChain } from '../sensor/features/feature-chain.js';
import { unitAt, unitFactors } from '../units/conversion.js';
import type { StreamConfig } from './config-schema.js';
import { sampleRateHz } from './stream-features.js';

/** Holds what makes features of the readings of a row: the conditioner, and where steps are configured a chain of these. */
export interface FeatureParts {
  readonly conditioner: Conditioner;
  /** Takes what the conditioner lets through; undefined where that does it all. */
  readonly chain: FeatureChain | undefined;
}

/**
 * The way from readings to features that a stream's configuration describes.
 *
 * @param decoderUnits the unit of each reading where the decoder knows it
 */
export function createFeatureParts(
  config: StreamConfig,
  decoderUnits: readonly (string | undefined)[],
): FeatureParts {
  const { sensor, features, model } = config;
  const axes = sensor.axes.length;
  const units = decoderUnits.map((unit, axis) => unitAt(sensor.units, axis) ?? unit);
  const factors = unitFactors(axes, units, model.units);
  const chain = featureChain(config, factors);
  const conditioner = new Conditioner(
    axes,
    // A chain takes readings as they are, so that they are rounded once.
    chain === undefined
      ? { ...features, unitFactors: factors }
      : { min: features.min, max: features.max },
  );
  return { conditioner, chain };
}

/** Undefined where the conditioner does it all. */
function featureChain(
  config: StreamConfig,
  unitFactor: readonly number[],
): FeatureChain | undefined {
  const { scale, steps, mean, std } = config.features;
  if (steps.length === 0) {
    return undefined;
  }
  const factors = unitFactor.map(
    (factor, axis) => factor * (typeof scale === 'number' ? scale : (scale[axis] ?? 1)),
  );
  const rateHz = sampleRateHz(config);
  return new FeatureChain({ axes: config.sensor.axes, factors, steps, mean, std, rateHz });
}
