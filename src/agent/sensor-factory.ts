import type { Log } from '../base/log.js';
import { SampleClock } from '../sensor/clock.js';
import { Conditioner } from '../sensor/conditioner.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { FeatureChain } from '../sensor/features/feature-chain.js';
import { createLink } from '../sensor/links/registry.js';
import { Sensor } from '../sensor/sensor.js';
import { unitFactors } from '../units/conversion.js';
import type { StreamConfig } from './config-schema.js';

/**
 * The sensor that a stream's configuration describes.
 *
 * @param onLearnt takes what its decoder learns from the stream
 */
export function createSensor(
  config: StreamConfig,
  log: Log,
  onLearnt?: (learnt: object) => void,
): Sensor {
  const { sensor, features, state } = config;
  const factors = unitFactors(sensor.axes.length, sensor.units, config.model.units);
  const chain = featureChain(config, factors);
  return new Sensor({
    link: createLink(sensor),
    decoder: createDecoder(sensor),
    conditioner: new Conditioner(
      sensor.axes.length,
      // A chain takes readings as they are, so that they are rounded once.
      chain === undefined
        ? { ...features, unitFactors: factors }
        : { min: features.min, max: features.max },
    ),
    clock: new SampleClock(sensor.rateHz),
    chain,
    // Filters forget where the model does.
    resetAfterMs: state.onGap.then === 'reset' ? state.onGap.maxMs : Infinity,
    log,
    onLearnt,
  });
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
