import { Conditioner } from '../sensor/conditioner.js';
import { FeatureChain } from '../sensor/features/feature-chain.js';
import { unitFactors } from '../units/conversion.js';
import type { StreamConfig } from './config-schema.js';

/** What makes features of the readings of a row: the conditioner, and where steps are configured a chain of these. */
export interface FeatureParts {
  readonly conditioner: Conditioner;
  /** Takes what the conditioner lets through; undefined where that does it all. */
  readonly chain: FeatureChain | undefined;
}

/** The way from readings to features that a stream's configuration describes. */
export function createFeatureParts(config: StreamConfig): FeatureParts {
  const { sensor, features, model } = config;
  const factors = unitFactors(sensor.axes.length, sensor.units, model.units);
  const chain = featureChain(config, factors);
  const conditioner = new Conditioner(
    sensor.axes.length,
    // A chain takes readings as they are, so that they are rounded once.
    chain === undefined
      ? { ...features, unitFactors: factors }
      : { min: features.min, max: features.max },
  );
  return { conditioner, chain };
}

/** Undefined where the conditioner does it all. */
function featureChain(
  { sensor, features }: StreamConfig,
  unitFactor: readonly number[],
): FeatureChain | undefined {
  const { scale, steps, mean, std } = features;
  if (steps.length === 0) {
    return undefined;
  }
  const factors = unitFactor.map(
    (factor, axis) => factor * (typeof scale === 'number' ? scale : (scale[axis] ?? 1)),
  );
  return new FeatureChain({ axes: sensor.axes, factors, steps, mean, std, rateHz: sensor.rateHz });
}
