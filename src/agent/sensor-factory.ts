import type { Log } from '../base/log.js';
import { SampleClock } from '../sensor/clock.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { createLink } from '../sensor/links/registry.js';
import { Sensor } from '../sensor/sensor.js';
import { createConditioner } from './conditioner-factory.js';
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
  const { sensor } = config;
  return new Sensor({
    link: createLink(sensor),
    decoder: createDecoder(sensor),
    conditioner: createConditioner(config),
    clock: new SampleClock(sensor.rateHz),
    log,
    onLearnt,
  });
}
