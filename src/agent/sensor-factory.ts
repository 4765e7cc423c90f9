import type { Log } from '../base/log.js';
import { SampleClock } from '../sensor/clock.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { createLink } from '../sensor/links/registry.js';
import { Sensor } from '../sensor/sensor.js';
import type { StreamConfig } from './config-schema.js';
import { createFeatureParts } from './feature-parts.js';

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
  const { sensor, state } = config;
  const { conditioner, chain } = createFeatureParts(config);
  return new Sensor({
    link: createLink(sensor),
    decoder: createDecoder(sensor),
    conditioner,
    clock: new SampleClock(sensor.rateHz),
    chain,
    // Filters forget where the model does.
    resetAfterMs: state.onGap.then === 'reset' ? state.onGap.maxMs : Infinity,
    log,
    onLearnt,
  });
}
