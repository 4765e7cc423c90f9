import type { Log } from '../base/log.js';
import { Conditioner } from '../sensor/conditioner.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { FeatureChain } from '../sensor/features/feature-chain.js';
import { GapFiller } from '../sensor/gap-filler.js';
import { createLink } from '../sensor/links/registry.js';
import { Resampler } from '../sensor/resampler.js';
import { Sensor } from '../sensor/sensor.js';
import { SampleClock } from '../sensor/time/sample-clock.js';
import { unitAt, unitFactors } from '../units/conversion.js';
import type { StreamConfig } from './config-schema.js';
import { sampleRateHz } from './stream-features.js';

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
  const axes = sensor.axes.length;
  const decoder = createDecoder(sensor);
  const units = decoder.units.map((unit, axis) => unitAt(sensor.units, axis) ?? unit);
  const factors = unitFactors(axes, units, config.model.units);
  const chain = featureChain(config, factors);
  const clock = new SampleClock(sensor.rateHz, { device: decoder.deviceClock });
  return new Sensor({
    link: createLink(sensor),
    decoder,
    conditioner: new Conditioner(
      axes,
      // A chain takes readings as they are, so that they are rounded once.
      chain === undefined
        ? { ...features, unitFactors: factors }
        : { min: features.min, max: features.max },
    ),
    clock,
    filler: sensor.fill && new GapFiller(axes, clock.periodMs, sensor.fill),
    resampler: sensor.resample && new Resampler(axes, sensor.rateHz, sensor.resample.rateHz),
    chain,
    // Filters forget where the model does.
    resetAfterMs: state.onGap.then === 'reset' ? state.onGap.maxMs : Infinity,
    log,
    onLearnt,
  });
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
